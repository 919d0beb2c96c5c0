-- Brings the events that stepped aside back to the end of the inbox, to be looked at again.
-- KEYS[1]  the inbox lane
-- ARGV     prefix, owner, lease (ms), items wanted
-- Returns  {0} when there were none or the inbox has an owner (who then meets them), else {token, {items}}
carry(ARGV[1])
local aside = ARGV[1] .. 'aside'
local moved = 0
while redis.call('LMOVE', aside, KEYS[1], 'LEFT', 'RIGHT') do moved = moved + 1 end
if moved == 0 then return { 0 } end
local token = claim(ARGV[1], 'in', ARGV[2], ARGV[3])
if token == 0 then return { 0 } end
return { token, redis.call('LRANGE', KEYS[1], 0, tonumber(ARGV[4]) - 1) }
