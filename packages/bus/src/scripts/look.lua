-- Looks at a lane at one moment. Changes nothing.
-- KEYS[1]  the lane
-- ARGV     most items and most bytes of a lane
-- Returns  {items, bytes, 1 when it holds as much as it may else 0, first item, own (owner:token), ms the lease lasts, hold, ms it lasts,
--          {delivery, tries, since, last, code} of a head that failed}; what is not there is nil
local length = redis.call('LLEN', KEYS[1])
local own, hold = KEYS[1] .. ':own', KEYS[1] .. ':hold'
return {
  length,
  weight(KEYS[1]),
  full(KEYS[1], length, ARGV[1], ARGV[2]) and 1 or 0,
  redis.call('LINDEX', KEYS[1], 0),
  redis.call('GET', own),
  redis.call('PTTL', own),
  redis.call('GET', hold),
  redis.call('PTTL', hold),
  redis.call('HMGET', KEYS[1] .. ':tried', 'delivery', 'tries', 'since', 'last', 'code'),
}
