-- Renews a lease.
-- KEYS[1]  the key that holds the lease
-- ARGV     own (owner:token), lease (ms)
-- Returns  1, or -1 when the lease was lost
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
