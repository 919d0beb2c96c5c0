-- Gives a lease up.
-- KEYS[1]  the key that holds the lease
-- ARGV     own (owner:token)
-- Returns  1, or 0 when it was not held any more
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
