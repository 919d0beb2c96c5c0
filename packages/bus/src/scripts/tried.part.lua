-- Shared part, put before the scripts that name it in scripts.ts.
-- tried(lane, delivery, code, now, kept): counts one more try of a lane's head that failed. It is the head's own count:
-- another head begins anew. A success leaves it behind, and whoever reads compares it with the head.
-- Returns nothing
local function tried(lane, delivery, code, now, kept)
  local key = lane .. ':tried'
  if redis.call('HGET', key, 'delivery') ~= delivery then
    redis.call('DEL', key)
    redis.call('HSET', key, 'delivery', delivery, 'since', now)
  end
  redis.call('HSET', key, 'last', now, 'code', code)
  redis.call('HINCRBY', key, 'tries', 1)
  redis.call('HINCRBY', key, 'c:' .. code, 1)
  redis.call('PEXPIRE', key, kept)
end
