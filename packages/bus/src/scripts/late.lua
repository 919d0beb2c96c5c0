-- Notes what is known of a link that messages reach late, and says so in other channels, in one step.
-- KEYS[1]  the room's inbox lane, which is not touched
-- ARGV     prefix, link, what is known so far ('' = nothing), what is from now on ('' = it is late no more), owner,
--          lease (ms), number of lanes told, per lane: lane, '1' when this process may drain it, number of items, items
-- Returns  {} when something else is known (nothing was written), else {1, per lane: {fencing token or 0, items
--          there before}}
local prefix, link, before, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local late = prefix .. 'late'
if (redis.call('HGET', late, link) or '') ~= before then return {} end
if now == '' then
  for _, field in ipairs(redis.call('HKEYS', late)) do
    if field == link or string.sub(field, 1, #link + 1) == link .. ' ' then redis.call('HDEL', late, field) end
  end
else
  redis.call('HSET', late, link, now)
end
local result, at = { 1 }, 8
for _ = 1, tonumber(ARGV[7]) do
  local lane, length = ARGV[at], 0
  for i = 1, tonumber(ARGV[at + 2]) do length = redis.call('RPUSH', prefix .. lane, ARGV[at + 2 + i]) end
  local token = ARGV[at + 1] == '1' and claim(prefix, lane, ARGV[5], ARGV[6]) or 0
  result[#result + 1] = { token, length - tonumber(ARGV[at + 2]) }
  at = at + 3 + tonumber(ARGV[at + 2])
end
return result
