-- Station 3: moves the decided events from the inbox to the outbox lanes in one step.
-- KEYS[1]  the inbox lane
-- ARGV     prefix, own (owner:token), owner, lease (ms), items consumed, items wanted next, seconds the id map
--          lasts, number of id map writes, per write: event id, field, value; number of events that step aside,
--          per event: item; number of waits that begin, waits; number of waits that end, waits; number of
--          items, items; number of links, per link: link, '1' when this process may drain it, what goes into its
--          lane, number of items of its own, their indexes (from 1). What goes in, a letter each: '=' the next
--          consumed item as it stands in the inbox, '-' not that one, '+' the next item of its own
-- Returns  {-1} when the lease was lost (nothing was written), else
--          {items left, {next items}, the room's clock, per link: fencing token or 0, items there before}
--          With no items left the lease is given up in the same step.
local prefix, own, owner, lease = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('GET', KEYS[1] .. ':own') ~= own then return { -1 } end
carry(prefix)
local consumed, wanted, mapped = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local at = 9
for _ = 1, tonumber(ARGV[8]) do
  local key = prefix .. 'm:' .. ARGV[at]
  redis.call('HSET', key, ARGV[at + 1], ARGV[at + 2])
  redis.call('EXPIRE', key, mapped)
  at = at + 3
end
local asides = tonumber(ARGV[at])
for i = 1, asides do redis.call('RPUSH', prefix .. 'aside', ARGV[at + i]) end
at = at + asides + 1
for _, step in ipairs({ 'ZADD', 'ZREM' }) do
  local waits = tonumber(ARGV[at])
  for i = 1, waits do
    if step == 'ZADD' then
      redis.call('ZADD', prefix .. 'waits', 0, ARGV[at + i])
    else
      redis.call('ZREM', prefix .. 'waits', ARGV[at + i])
    end
  end
  at = at + waits + 1
end
local items = at
at = at + tonumber(ARGV[at]) + 1
local result = { 0, {}, 0 }
local links = tonumber(ARGV[at])
at = at + 1
local taken = links > 0 and redis.call('LRANGE', KEYS[1], 0, consumed - 1)
local here, guards = {}, {}
for link = 1, links do
  local lane, ways, index, values = 'out:' .. ARGV[at], ARGV[at + 2], 0, {}
  local others = at + 3
  for i = 1, #ways do
    local way = string.byte(ways, i)
    if way == 43 then -- +
      others = others + 1
      values[#values + 1] = ARGV[items + tonumber(ARGV[others])]
    else
      index = index + 1
      if way == 61 then values[#values + 1] = taken[index] end -- =
    end
  end
  local key = prefix .. lane
  result[2 * link + 2] = 0
  result[2 * link + 3] = redis.call('RPUSH', key, unpack(values)) - #values
  if ARGV[at + 1] == '1' then
    here[#here + 1] = { link, lane }
    guards[#guards + 1] = key .. ':own'
    guards[#guards + 1] = key .. ':hold'
  end
  at = at + 4 + tonumber(ARGV[at + 3])
end
if #here > 0 and redis.call('EXISTS', unpack(guards)) == 0 then
  local token = redis.call('INCR', prefix .. 'clock')
  for i, one in ipairs(here) do
    redis.call('SET', guards[2 * i - 1], owner .. ':' .. token, 'PX', lease)
    result[2 * one[1] + 2] = token
  end
else
  for _, one in ipairs(here) do result[2 * one[1] + 2] = claim(prefix, one[2], owner, lease) end
end
local left = redis.call('LLEN', KEYS[1]) - consumed
if left <= 0 then
  redis.call('DEL', KEYS[1], KEYS[1] .. ':own')
  return result
end
result[1] = left
result[3] = tonumber(redis.call('GET', prefix .. 'clock') or '0')
if consumed > 0 then redis.call('LTRIM', KEYS[1], consumed, -1) end
redis.call('PEXPIRE', KEYS[1] .. ':own', lease)
if wanted > 0 then result[2] = redis.call('LRANGE', KEYS[1], 0, wanted - 1) end
return result
