-- Takes names off an index whose records are gone. Returns how many.
-- KEYS: the index, then the record of each name. ARGV: the names.
local removed = 0
for number, name in ipairs(ARGV) do
    if redis.call('EXISTS', KEYS[number + 1]) == 0 then
        removed = removed + redis.call('ZREM', KEYS[1], name)
    end
end
return removed
