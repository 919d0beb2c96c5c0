-- Station 3: moves the decided events from the inbox to the outbox lanes in one step.
-- KEYS[1]  the inbox lane
-- ARGV     prefix, own (owner:token), owner, lease (ms), items consumed, items wanted next, seconds the id map
--          lasts, number of id map writes, per write: event id, field, value; number of events that step aside,
--          per event: item; number of waits that begin, waits; number of waits that end, waits; number of
--          items, items; number of links, per link: link, '1' when this process may drain it, number of its
--          items, their indexes (from 1)
-- Returns  {-1} when the lease was lost (nothing was written), else
--          {items left, {next items}, per link: fencing token or 0, items there before}
--          With no items left the lease is given up in the same step.
local prefix, own, owner, lease = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('GET', KEYS[1] .. ':own') ~= own then return { -1 } end
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
local result = { 0, {} }
local links = tonumber(ARGV[at])
at = at + 1
for _ = 1, links do
  local lane = 'out:' .. ARGV[at]
  local count = tonumber(ARGV[at + 2])
  local length = 0
  for i = 1, count do length = redis.call('RPUSH', prefix .. lane, ARGV[items + tonumber(ARGV[at + 2 + i])]) end
  result[#result + 1] = ARGV[at + 1] == '1' and claim(prefix, lane, owner, lease) or 0
  result[#result + 1] = length - count
  at = at + 3 + count
end
if consumed > 0 then redis.call('LPOP', KEYS[1], consumed) end
local left = redis.call('LLEN', KEYS[1])
result[1] = left
if left == 0 then
  redis.call('DEL', KEYS[1] .. ':own')
else
  redis.call('PEXPIRE', KEYS[1] .. ':own', lease)
  if wanted > 0 then result[2] = redis.call('LRANGE', KEYS[1], 0, wanted - 1) end
end
return result
