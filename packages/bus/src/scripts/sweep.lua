-- Finds the lanes of one room that have items, no owner and no hold, and counts what stepped aside. Takes out dead
-- letters whose term is over. Notes for accept which lanes hold as much as they may.
-- KEYS[1]  the inbox lane
-- ARGV     prefix, date up to which dead letters are taken out (ms), most items and most bytes of a lane, lanes
-- Returns  {items aside, lanes...}
local result = { redis.call('LLEN', ARGV[1] .. 'aside') }
local old = redis.call('ZRANGEBYSCORE', ARGV[1] .. 'dead', '-inf', ARGV[2], 'LIMIT', 0, 1000)
if #old > 0 then
  redis.call('ZREM', ARGV[1] .. 'dead', unpack(old))
  redis.call('HDEL', ARGV[1] .. 'letters', unpack(old))
end
local fulls = {}
for i = 5, #ARGV do
  local key = ARGV[1] .. ARGV[i]
  local length = redis.call('LLEN', key)
  if full(key, length, ARGV[3], ARGV[4]) then fulls[#fulls + 1] = ARGV[i] end
  if length > 0 and redis.call('EXISTS', key .. ':own', key .. ':hold') == 0 then result[#result + 1] = ARGV[i] end
end
if #fulls > 0 then
  carry(ARGV[1])
  redis.call('SET', ARGV[1] .. 'full', table.concat(fulls, ' '))
else
  redis.call('DEL', ARGV[1] .. 'full')
end
return result
