-- Finds the lanes of one room that have items, no owner and no hold, and counts what stepped aside.
-- KEYS[1]  the inbox lane
-- ARGV     prefix, lanes
-- Returns  {items aside, lanes...}
local result = { redis.call('LLEN', ARGV[1] .. 'aside') }
for i = 2, #ARGV do
  local key = ARGV[1] .. ARGV[i]
  if redis.call('LLEN', key) > 0 and redis.call('EXISTS', key .. ':own', key .. ':hold') == 0 then
    result[#result + 1] = ARGV[i]
  end
end
return result
