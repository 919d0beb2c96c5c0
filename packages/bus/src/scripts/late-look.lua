-- Looks at what waits in the outbox lanes of one room, and at what is known of links that messages reach late.
-- KEYS[1]  the room's inbox lane, which is not touched
-- ARGV     prefix, links
-- Returns  {{field, value, ...} of what is known, per lane with items: {link, first item, delivery that failed last,
--          code of that failure}}; what is not there is nil
local result = { redis.call('HGETALL', ARGV[1] .. 'late') }
for i = 2, #ARGV do
  local lane = ARGV[1] .. 'out:' .. ARGV[i]
  local head = redis.call('LINDEX', lane, 0)
  if head then
    local failed = redis.call('HMGET', lane .. ':tried', 'delivery', 'code')
    result[#result + 1] = { ARGV[i], head, failed[1], failed[2] }
  end
end
return result
