-- Claims a lane that has items and reads the first of them.
-- KEYS[1]  the lane
-- ARGV     prefix, lane, owner, lease (ms), items wanted, the hold to end first ('' = none, '*' = any but the
--          operator's pause)
-- Returns  {0} when it is empty, owned or held back, else {fencing token, {items}}
if redis.call('LLEN', KEYS[1]) == 0 then return { 0 } end
carry(ARGV[1])
if ARGV[6] ~= '' then
  local hold = redis.call('GET', KEYS[1] .. ':hold')
  if hold == ARGV[6] or (ARGV[6] == '*' and hold and hold ~= 'paused') then redis.call('DEL', KEYS[1] .. ':hold') end
end
local token = claim(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
if token == 0 then return { 0 } end
return { token, redis.call('LRANGE', KEYS[1], 0, tonumber(ARGV[5]) - 1) }
