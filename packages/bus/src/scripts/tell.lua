-- Appends what the hub itself says to an outbox lane.
-- KEYS[1]  the outbox lane
-- ARGV     prefix, lane, owner, lease (ms), '1' when this process may drain it, item, name under which it is
--          remembered as said ('' = say it in any case)
-- Returns  {-1} when it was said before, else {fencing token or 0, items there before}
if ARGV[7] ~= '' and not redis.call('SET', ARGV[1] .. ARGV[7], '1', 'NX') then return { -1, 0 } end
local length = redis.call('RPUSH', KEYS[1], ARGV[6])
return { ARGV[5] == '1' and claim(ARGV[1], ARGV[2], ARGV[3], ARGV[4]) or 0, length - 1 }
