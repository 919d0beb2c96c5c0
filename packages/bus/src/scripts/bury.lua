-- Gives up the first item of an outbox lane: keeps it as a dead letter and tells the origin's channel.
-- KEYS[1]  the outbox lane
-- ARGV     prefix, own (owner:token), owner, lease (ms), now (ms), delivery, code, '1' when it was tried just now,
--          dead letter as JSON without its last brace, ms dead letters are kept, lane to tell ('' = nobody), key
--          that keeps from telling again, seconds it does, '1' when this process may drain the told lane, link,
--          under what it is counted when messages reach the link late, items that tell
-- Returns  {-1} when the lease was lost (nothing was written), else {items left, '1' when told, fencing token
--          of the told lane or 0, its items before}. With no items left the lease is given up.
local prefix, own, owner, lease, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
if redis.call('GET', KEYS[1] .. ':own') ~= own then return { -1 } end
local delivery, kept, notes = ARGV[6], ARGV[10], KEYS[1] .. ':tried'
local dead, letters = prefix .. 'dead', prefix .. 'letters'
if ARGV[8] == '1' then tried(KEYS[1], delivery, ARGV[7], ARGV[5], kept) end
local history, codes = { tries = 0 }, {}
if redis.call('HGET', notes, 'delivery') == delivery then
  local fields = redis.call('HGETALL', notes)
  for i = 1, #fields, 2 do
    local code = string.match(fields[i], '^c:(.+)$')
    if code then codes[code] = tonumber(fields[i + 1]) else history[fields[i]] = fields[i + 1] end
  end
end
redis.call('DEL', notes)
redis.call('ZADD', dead, now, delivery)
redis.call('HSET', letters, delivery, ARGV[9] .. ',"history":{"tries":' .. history.tries .. ',"since":'
  .. (history.since or 'null') .. ',"last":' .. (history.last or 'null') .. ',"codes":' .. cjson.encode(codes) .. '}}')
local old = redis.call('ZRANGEBYSCORE', dead, '-inf', now - tonumber(kept), 'LIMIT', 0, 1000)
if #old > 0 then
  redis.call('ZREM', dead, unpack(old))
  redis.call('HDEL', letters, unpack(old))
end
redis.call('PEXPIRE', dead, kept)
redis.call('PEXPIRE', letters, kept)
redis.call('LPOP', KEYS[1])
local left = redis.call('LLEN', KEYS[1])
if left == 0 then redis.call('DEL', KEYS[1] .. ':own') else redis.call('PEXPIRE', KEYS[1] .. ':own', lease) end
if redis.call('HEXISTS', prefix .. 'late', ARGV[15]) == 1 then redis.call('HINCRBY', prefix .. 'late', ARGV[16], 1) end
if ARGV[11] == '' or not redis.call('SET', prefix .. 'told:' .. ARGV[12], '1', 'EX', ARGV[13], 'NX') then
  return { left, 0, 0, 0 }
end
local before = redis.call('LLEN', prefix .. ARGV[11])
for i = 17, #ARGV do redis.call('RPUSH', prefix .. ARGV[11], ARGV[i]) end
local token = ARGV[14] == '1' and claim(prefix, ARGV[11], owner, lease) or 0
return { left, 1, token, before }
