-- Removes dead letters for good.
-- KEYS[1]  the room's dead letters by date
-- ARGV     prefix, deliveries
-- Returns  per delivery: 1 removed, 0 not there (any more)
local result = {}
for i = 2, #ARGV do
  result[i - 1] = redis.call('ZREM', KEYS[1], ARGV[i])
  redis.call('HDEL', ARGV[1] .. 'letters', ARGV[i])
end
return result
