-- Station 1: writes the new events of one channel to the room's inbox, once, with the channel's cursor.
-- KEYS[1]  the inbox lane
-- ARGV     prefix, now (ms), link, owner, lease (ms), seconds a repeated notification is known,
--          seconds the id map lasts, most items of the lane, cursor ('' = leave it), number of events, then
--          per event: id, kind, author ('' when the id map does not keep it), native ids on this link (JSON),
--          the event as JSON without its last brace, or that sealed (it begins with '!'), number of names, names
--          (the first one decides whether the event is new; the others are aliases, which never take a name from
--          somebody else's event)
-- Returns  {-1, lane} when that lane of the room is full (nothing was written), else
--          {fencing token or 0, items there before, per event: acceptedAt, or 0 when it was there before}
local prefix, now, link, owner, lease = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local known, mapped, most, cursor, count = ARGV[6], ARGV[7], tonumber(ARGV[8]), ARGV[9], tonumber(ARGV[10])
-- What the id map has forgotten is still recognised for as long as anything else is.
local kept = tonumber(known) > tonumber(mapped) and known or mapped
local length = redis.call('LLEN', KEYS[1])
-- An empty lane takes any number, else a network that hands over more at once would wait for ever.
if length > 0 and count > 0 and length + count > most then return { -1, 'in' } end
local result, items, last = { 0, length }, {}, nil
if count > 0 then
  local room = redis.call('MGET', prefix .. 'clock', prefix .. 'full') -- the second is the sweep's
  if room[2] then
    -- What comes from a link does not go into its own lane: it may empty while its people write.
    for lane in string.gmatch(room[2], '%S+') do
      if lane ~= 'out:' .. link then return { -1, lane } end
    end
  end
  last = tonumber(room[1] or '0')
end
local names = prefix .. 'n:'
-- Aliases are words of the sender's own choice: whoever used one first keeps it, but may use it again.
local function alias(name, id, author, seconds)
  if redis.call('SET', name, id, 'EX', seconds, 'NX') then return end
  local other = redis.call('GET', name)
  if other and redis.call('HGET', prefix .. 'm:' .. other, 'a') == author then
    redis.call('SET', name, id, 'EX', seconds)
  end
end
local at = 11
for _ = 1, count do
  local id, kind, author, ids = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 5])
  local keeps = author ~= ''
  local seconds = keeps and kept or known
  if redis.call('SET', names .. ARGV[at + 6], id, 'EX', seconds, 'NX') then
    last = math.max(now, last + 1)
    for j = 2, ids do alias(names .. ARGV[at + 5 + j], id, author, seconds) end
    if keeps then
      local entry = prefix .. 'm:' .. id
      redis.call('HSET', entry, 'k', kind, 'a', author, 'l:' .. link, ARGV[at + 3])
      redis.call('EXPIRE', entry, mapped)
    end
    local item, date = ARGV[at + 4], string.format('%.0f', last)
    local sealed = string.byte(item) == 33 -- !
    items[#items + 1] = sealed and item .. ' ' .. date or item .. ',"acceptedAt":' .. date .. '}'
    result[#result + 1] = last
  else
    result[#result + 1] = 0
  end
  at = at + 6 + ids
end
if #items > 0 then
  local date = string.format('%.0f', last)
  redis.call('SET', prefix .. 'clock', date)
  for i = 1, #items, 1000 do redis.call('RPUSH', KEYS[1], unpack(items, i, math.min(#items, i + 999))) end
  -- An inbox is never held back, and its newest date is a token nobody had before.
  if redis.call('SET', KEYS[1] .. ':own', owner .. ':' .. date, 'PX', lease, 'NX') then result[1] = last end
end
if cursor ~= '' then redis.call('HSET', prefix .. 'cursors', link, cursor) end
return result
