-- Appends what the hub itself says to an outbox lane.
-- KEYS[1]  the outbox lane
-- ARGV     prefix, lane, owner, lease (ms), '1' when this process may drain it, item
-- Returns  {fencing token or 0, items there before}
local length = redis.call('RPUSH', KEYS[1], ARGV[6])
return { ARGV[5] == '1' and claim(ARGV[1], ARGV[2], ARGV[3], ARGV[4]) or 0, length - 1 }
