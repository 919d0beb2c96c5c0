-- Looks at what waits long in the outbox lanes of one room, and at what is known of links that messages reach late.
-- KEYS[1]  the room's inbox lane, which is not touched
-- ARGV     prefix, date (ms) before which a head was accepted if it is to be told, links
-- Returns  {{field, value, ...} of what is known, per lane whose head is as old or whose link is known: {link, first
--          item, delivery that failed last, code of that failure}}; what is not there is nil
local known = redis.call('HGETALL', ARGV[1] .. 'late')
local result, late = { known }, {}
for i = 1, #known, 2 do late[known[i]] = true end
-- When an item was accepted; of a sealed one that tells no date, when its event's id was made (RFC 9562, section 5.7).
-- Reading it here spares reading most heads, which are young.
local function date(item)
  if string.byte(item) ~= 33 then return string.match(item, '"acceptedAt":(%d+)') end
  local outside = string.match(item, ' (%d+)$')
  if outside then return outside end
  local high, low = string.match(item, '^!(%x%x%x%x%x%x%x%x)-(%x%x%x%x)-')
  return high and tonumber(high .. low, 16)
end
for i = 3, #ARGV do
  local lane = ARGV[1] .. 'out:' .. ARGV[i]
  local head = redis.call('LINDEX', lane, 0)
  if head and (late[ARGV[i]] or (tonumber(date(head)) or 0) < tonumber(ARGV[2])) then
    local failed = redis.call('HMGET', lane .. ':tried', 'delivery', 'code')
    result[#result + 1] = { ARGV[i], head, failed[1], failed[2] }
  end
end
return result
