-- Station 5, for any number of a room's outbox lanes, each for itself: writes what became of its first items, then
-- releases them.
-- KEYS[1]  the room's inbox lane, which is not touched
-- ARGV     prefix, lease (ms), seconds the id map lasts, number of lanes, per lane: link, own (owner:token), items
--          released, items wanted next, number of records; then all records, lane by lane: event id, '=' and the
--          native id when the event is one message on that link with nothing beside its id ('+' when its entry in
--          the id map has to be given its time anew); or else event id, '0' ('1' likewise), number of field/value
--          pairs, pairs for the id map, number of native ids, native ids by which the event is found on that link
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
  local names, field = prefix .. 'n:' .. link .. ' ', 'l:' .. link -- see nativeName and field.link
  for _ = 1, tonumber(ARGV[5 * i + 4]) do
    local id, how = ARGV[at], ARGV[at + 1]
    local alone = how == '=' or how == '+'
    local pairs = alone and 1 or tonumber(ARGV[at + 2])
    local entry = entries[id]
    if mine and pairs > 0 then
      if not entry then
        entry = {}
        entries[id] = entry
        events[#events + 1] = id
      end
      if how == '1' or how == '+' then renewed[id] = true end
    end
    if alone then
      local native = ARGV[at + 2]
      if mine then
        entry[#entry + 1] = field
        entry[#entry + 1] = '[{"id":' .. cjson.encode(native) .. '}]'
        redis.call('SET', names .. native, id, 'EX', mapped)
      end
      at = at + 3
    else
      local ids = at + 3 + 2 * pairs
      if mine then
        for j = at + 3, ids - 1 do entry[#entry + 1] = ARGV[j] end
        for j = 1, tonumber(ARGV[ids]) do redis.call('SET', names .. ARGV[ids + j], id, 'EX', mapped) end
      end
      at = ids + 1 + tonumber(ARGV[ids])
    end
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
