-- Holds a lane back for a while: its head stays in place, its lease is given up, nobody claims it meanwhile.
-- The hold is known by the lease it came from. An operator's pause stands above it.
-- KEYS[1]  the lane
-- ARGV     own (owner:token), ms (0 = give the lease up only), the head's delivery ('' = it did not fail), code of
--          its failure, now (ms), ms this is remembered
-- Returns  1, or -1 when the lease was lost
if redis.call('GET', KEYS[1] .. ':own') ~= ARGV[1] then return -1 end
redis.call('DEL', KEYS[1] .. ':own')
if ARGV[2] ~= '0' then redis.call('SET', KEYS[1] .. ':hold', ARGV[1], 'PX', ARGV[2], 'NX') end
if ARGV[3] ~= '' then tried(KEYS[1], ARGV[3], ARGV[4], ARGV[5], ARGV[6]) end
return 1
