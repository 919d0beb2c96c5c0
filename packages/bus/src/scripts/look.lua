-- Looks at a lane at one moment. Changes nothing.
-- KEYS[1]  the lane
-- ARGV     none
-- Returns  {items, first item, own (owner:token), ms the lease lasts, hold, ms it lasts,
--          {delivery, tries, since, last, code} of a head that failed}; what is not there is nil
local own, hold = KEYS[1] .. ':own', KEYS[1] .. ':hold'
return {
  redis.call('LLEN', KEYS[1]),
  redis.call('LINDEX', KEYS[1], 0),
  redis.call('GET', own),
  redis.call('PTTL', own),
  redis.call('GET', hold),
  redis.call('PTTL', hold),
  redis.call('HMGET', KEYS[1] .. ':tried', 'delivery', 'tries', 'since', 'last', 'code'),
}
