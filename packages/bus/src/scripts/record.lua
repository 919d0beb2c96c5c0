-- Station 5, for any number of a room's outbox lanes, each for itself: writes what became of its first items, then
-- releases them.
-- KEYS[1]  the room's inbox lane, which is not touched
-- ARGV     prefix, lease (ms), seconds the id map lasts, number of lanes, per lane: link, own (owner:token), items
--          released, items wanted next, number of records; then all records, lane by lane: event id, '1' when its
--          entry in the id map has to be given its time anew, number of field/value pairs, pairs for the id map,
--          number of native ids, native ids by which the event is found on that link
-- Returns  per lane: {-1} when its lease was lost (nothing was written for it), else {items left, {next items}}
--          With no items left the lease is given up in the same step.
local prefix, lease, mapped, lanes = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
carry(prefix)
local owns = {}
for i = 1, lanes do owns[i] = prefix .. 'out:' .. ARGV[5 * i] .. ':own' end
local owners = redis.call('MGET', unpack(owns))
local result, entries, events, renewed = {}, {}, {}, {}
local at = 5 + 5 * lanes
for i = 1, lanes do
  local link, own = ARGV[5 * i], ARGV[5 * i + 1]
  local released, wanted = tonumber(ARGV[5 * i + 2]), tonumber(ARGV[5 * i + 3])
  local mine = owners[i] == own
  local names = prefix .. 'n:' .. link .. ' ' -- see nativeName
  for _ = 1, tonumber(ARGV[5 * i + 4]) do
    local id, pairs = ARGV[at], tonumber(ARGV[at + 2])
    if mine and pairs > 0 then
      local entry = entries[id]
      if not entry then
        entry = {}
        entries[id] = entry
        events[#events + 1] = id
      end
      for j = 1, 2 * pairs do entry[#entry + 1] = ARGV[at + 2 + j] end
      if ARGV[at + 1] == '1' then renewed[id] = true end
    end
    at = at + 3 + 2 * pairs
    local ids = tonumber(ARGV[at])
    if mine then
      for j = 1, ids do redis.call('SET', names .. ARGV[at + j], id, 'EX', mapped) end
    end
    at = at + 1 + ids
  end
  local lane = prefix .. 'out:' .. link
  local left = mine and redis.call('LLEN', lane) - released
  if not mine then
    result[i] = { -1 }
  elseif left <= 0 then
    redis.call('DEL', lane, owns[i])
    result[i] = { 0, {} }
  else
    if released > 0 then redis.call('LTRIM', lane, released, -1) end
    redis.call('PEXPIRE', owns[i], lease)
    result[i] = { left, wanted > 0 and redis.call('LRANGE', lane, 0, wanted - 1) or {} }
  end
end
for _, id in ipairs(events) do
  local key = prefix .. 'm:' .. id
  redis.call('HSET', key, unpack(entries[id]))
  if renewed[id] then redis.call('EXPIRE', key, mapped) end
end
return result
