-- Shared part, put before the scripts that name it in scripts.ts.
-- weight(lane): the bytes a lane takes in Redis. Its items lie together in nodes of some kilobytes: as many are counted
-- as take Redis less than a millisecond, the others taken to be like them (https://redis.io/commands/memory-usage).
-- Where Redis does not tell, only the number of items is bounded.
-- full(lane, length, items, bytes): whether a lane of that length holds as much as it may.
-- Returns the bytes, and whether it does.
local function weight(lane)
  local bytes = redis.pcall('MEMORY', 'USAGE', lane, 'SAMPLES', 100000)
  return type(bytes) == 'number' and bytes or 0
end
local function full(lane, length, items, bytes)
  return length >= tonumber(items) or (length > 0 and weight(lane) >= tonumber(bytes))
end
