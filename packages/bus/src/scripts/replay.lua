-- Puts dead letters of one link back to the end of its outbox lane, each in one piece or not at all. The lane is not
-- claimed: who asks speaks to no network.
-- KEYS[1]  the outbox lane
-- ARGV     prefix, most items and most bytes of the lane, '1' to say only what would be done, number of letters, per letter: delivery,
--          when it died (ms), item, event whose removal forbids it ('' = none), field of that event's entry that
--          must not say something else ('' = none), what it may say
-- Returns  per letter: 1 put back, 0 not there (any more), -1 its message was removed, -2 a later change stands
--          above it, -3 the lane is full. But for 1 nothing was written.
local prefix, most, dry = ARGV[1], tonumber(ARGV[2]), ARGV[4] == '1'
local dead, letters, result = prefix .. 'dead', prefix .. 'letters', {}
local heavy = weight(KEYS[1]) >= tonumber(ARGV[3])
local function may(delivery, died, event, field, value)
  if tonumber(redis.call('ZSCORE', dead, delivery) or '-1') ~= tonumber(died) then return 0 end
  if event ~= '' then
    local entry = prefix .. 'm:' .. event
    if redis.call('HGET', entry, 'd') == '1' then return -1 end
    local says = field ~= '' and redis.call('HGET', entry, field)
    if says and says ~= value then return -2 end
  end
  return not heavy and redis.call('LLEN', KEYS[1]) < most and 1 or -3
end
for i = 1, tonumber(ARGV[5]) do
  local at = 6 * i
  local delivery = ARGV[at]
  result[i] = may(delivery, ARGV[at + 1], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5])
  if result[i] == 1 and not dry then
    redis.call('ZREM', dead, delivery)
    redis.call('HDEL', letters, delivery)
    redis.call('RPUSH', KEYS[1], ARGV[at + 2])
  end
end
return result
