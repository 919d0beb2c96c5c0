-- Finds the lanes of one room that have items, no owner and no hold, and counts what stepped aside. Takes out dead
-- letters whose term is over.
-- KEYS[1]  the inbox lane
-- ARGV     prefix, date up to which dead letters are taken out (ms), lanes
-- Returns  {items aside, lanes...}
local result = { redis.call('LLEN', ARGV[1] .. 'aside') }
local old = redis.call('ZRANGEBYSCORE', ARGV[1] .. 'dead', '-inf', ARGV[2], 'LIMIT', 0, 1000)
if #old > 0 then
  redis.call('ZREM', ARGV[1] .. 'dead', unpack(old))
  redis.call('HDEL', ARGV[1] .. 'letters', unpack(old))
end
for i = 3, #ARGV do
  local key = ARGV[1] .. ARGV[i]
  if redis.call('LLEN', key) > 0 and redis.call('EXISTS', key .. ':own', key .. ':hold') == 0 then
    result[#result + 1] = ARGV[i]
  end
end
return result
