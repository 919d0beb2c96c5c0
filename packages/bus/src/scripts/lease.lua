-- Takes a lease of its own (a connection that may exist once).
-- KEYS[1]  the lease, KEYS[2] its counter of holders
-- ARGV     owner, lease (ms)
-- Returns  the fencing token, or 0 when somebody holds it
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
carry(KEYS[1])
local token = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. token, 'PX', ARGV[2])
return token
