-- Shared part, put before the scripts that name it in scripts.ts.
-- claim(prefix, lane, owner, lease): takes a lane that nobody owns and that is not held back.
-- Returns the fencing token, or 0. A lane is one string of the room: 'in' or 'out:<link>'. Tokens are dates of the
-- room's clock, which only grows.
local function claim(prefix, lane, owner, lease)
  local key = prefix .. lane
  if redis.call('EXISTS', key .. ':own', key .. ':hold') > 0 then return 0 end
  local token = redis.call('INCR', prefix .. 'clock')
  redis.call('SET', key .. ':own', owner .. ':' .. token, 'PX', lease)
  return token
end
