-- Gives up the first item of an outbox lane: keeps it as a dead letter and tells the origin's channel.
-- KEYS[1]  the outbox lane
-- ARGV     prefix, own (owner:token), owner, lease (ms), now (ms), dead letter, ms dead letters are kept,
--          lane to tell ('' = nobody), item that tells, key that keeps from telling again, seconds it does,
--          '1' when this process may drain the told lane
-- Returns  {-1} when the lease was lost (nothing was written), else {items left, '1' when told, fencing token
--          of the told lane or 0, its items before}. With no items left the lease is given up.
local prefix, own, owner, lease, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
if redis.call('GET', KEYS[1] .. ':own') ~= own then return { -1 } end
redis.call('ZADD', prefix .. 'dead', now, ARGV[6])
redis.call('ZREMRANGEBYSCORE', prefix .. 'dead', '-inf', now - tonumber(ARGV[7]))
redis.call('PEXPIRE', prefix .. 'dead', ARGV[7])
redis.call('LPOP', KEYS[1])
local left = redis.call('LLEN', KEYS[1])
if left == 0 then redis.call('DEL', KEYS[1] .. ':own') else redis.call('PEXPIRE', KEYS[1] .. ':own', lease) end
if ARGV[8] == '' or not redis.call('SET', prefix .. 'told:' .. ARGV[10], '1', 'EX', ARGV[11], 'NX') then
  return { left, 0, 0, 0 }
end
local length = redis.call('RPUSH', prefix .. ARGV[8], ARGV[9])
local token = ARGV[12] == '1' and claim(prefix, ARGV[8], owner, lease) or 0
return { left, 1, token, length - 1 }
