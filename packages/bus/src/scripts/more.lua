-- Reads the first items of a lane this owner holds, and renews the lease.
-- KEYS[1]  the lane
-- ARGV     own (owner:token), lease (ms), items wanted
-- Returns  {-1} when the lease was lost, else {items left, {items}}; with none left the lease is given up
if redis.call('GET', KEYS[1] .. ':own') ~= ARGV[1] then return { -1 } end
local left = redis.call('LLEN', KEYS[1])
if left == 0 then
  redis.call('DEL', KEYS[1] .. ':own')
  return { 0, {} }
end
redis.call('PEXPIRE', KEYS[1] .. ':own', ARGV[2])
return { left, redis.call('LRANGE', KEYS[1], 0, tonumber(ARGV[3]) - 1) }
