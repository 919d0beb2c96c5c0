-- Station 5: writes what became of the first items of an outbox lane, then releases them.
-- KEYS[1]  the outbox lane
-- ARGV     prefix, link, own (owner:token), lease (ms), items released, items wanted next, seconds the id map
--          lasts, number of records, per record: event id, number of field/value pairs, pairs for the id map,
--          number of native ids, native ids by which the event is found on this link
-- Returns  {-1} when the lease was lost (nothing was written), else {items left, {next items}}
--          With no items left the lease is given up in the same step.
local prefix, link, own, lease = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('GET', KEYS[1] .. ':own') ~= own then return { -1 } end
local released, wanted, mapped = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local names = prefix .. 'n:' .. link .. ' ' -- see nativeName
local at = 9
for _ = 1, tonumber(ARGV[8]) do
  local id, pairs = ARGV[at], tonumber(ARGV[at + 1])
  local key = prefix .. 'm:' .. id
  for i = 1, pairs do redis.call('HSET', key, ARGV[at + 2 * i], ARGV[at + 2 * i + 1]) end
  if pairs > 0 then redis.call('EXPIRE', key, mapped) end
  at = at + 2 + 2 * pairs
  local ids = tonumber(ARGV[at])
  for i = 1, ids do redis.call('SET', names .. ARGV[at + i], id, 'EX', mapped) end
  at = at + 1 + ids
end
if released > 0 then redis.call('LPOP', KEYS[1], released) end
local left = redis.call('LLEN', KEYS[1])
if left == 0 then
  redis.call('DEL', KEYS[1] .. ':own')
  return { 0, {} }
end
redis.call('PEXPIRE', KEYS[1] .. ':own', lease)
return { left, wanted > 0 and redis.call('LRANGE', KEYS[1], 0, wanted - 1) or {} }
