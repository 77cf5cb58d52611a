-- One commit: checks every condition, then writes. Returns 1 when it has written, 0 on a conflict.
-- KEYS: the partition's index, then the record of each write.
-- ARGV: version, now, then for each write: kind, name, condition, expected version, expiry, cleaning time, body.
local version, now = ARGV[1], tonumber(ARGV[2])

local function argument(write, number)
    return ARGV[2 + (write - 1) * 7 + number]
end

local function live_version(key)
    local found = redis.call('HMGET', key, 'v', 'e')
    if not found[1] or (found[2] ~= '' and tonumber(found[2]) <= now) then
        return nil
    end
    return found[1]
end

for write = 1, #KEYS - 1 do
    local condition = argument(write, 3)
    if condition ~= 'anything' then
        local standing = live_version(KEYS[write + 1])
        if condition == 'absent' and standing then
            return 0
        end
        if condition == 'version' and standing ~= argument(write, 4) then
            return 0
        end
    end
end

for write = 1, #KEYS - 1 do
    local kind, name, key = argument(write, 1), argument(write, 2), KEYS[write + 1]
    if kind == 'put' then
        redis.call('HSET', key, 'v', version, 'e', argument(write, 5), 'b', argument(write, 7))
        redis.call('ZADD', KEYS[1], 0, name)
        -- Redis only tidies up behind us, by its own clock and with grace; what is live is decided above.
        if argument(write, 6) == '' then
            redis.call('PERSIST', key)
        else
            redis.call('PEXPIREAT', key, argument(write, 6))
        end
    elseif kind == 'delete' then
        redis.call('DEL', key)
        redis.call('ZREM', KEYS[1], name)
    end
end
return 1
