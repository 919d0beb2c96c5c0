-- Shared part, put before the scripts that name it in scripts.ts.
-- carry(prefix): what was accepted is carried on when Redis is full. Redis refuses a script what takes memory until
-- the script has written something (noeviction: https://redis.io/docs/latest/develop/reference/eviction/), and this
-- takes none: there is no such key. Returns nothing.
local function carry(prefix) redis.call('PEXPIRE', prefix .. 'none', 1) end
