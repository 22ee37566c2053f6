namespace Harden.Gateway.RateLimits.Shared;

/// <summary>
/// What Redis does for one counter: one key, one script, Redis' own clock, so it is atomic, and safe in a cluster. All take the permits
/// wanted, the fewest that help, and what is given back of an earlier grant with the word by which the script recognises that; all answer
/// permits granted, permits left, microseconds until the fewest would be granted, microseconds until all are there again, and that word.
/// Every key lives exactly as long as it means something.
/// </summary>
internal static class LimitScripts
{
    /// <summary>
    /// GCRA in whole microseconds: the key holds the time at which the bucket is full again. Doubles hold microseconds since 1970 exactly until
    /// the year 2255. Given back only while the bucket has not been full since the grant: later these permits are there again by themselves.
    /// </summary>
    public const string Rate = Head + """
        local interval, capacity = tonumber(ARGV[5]), tonumber(ARGV[6])
        local stored = redis.call('GET', KEYS[1])
        local full = math.min(math.max(tonumber(stored or now), now), now + capacity)
        if stored and back > 0 and word > now then full = math.max(full - back * interval, now) else back = 0 end
        local free = math.floor((now + capacity - full) / interval)
        local grant = free < weight and 0 or math.min(want, free)
        full = full + grant * interval
        if (grant > 0 or back > 0) and full > now then
            redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
        end
        return {grant, free - grant, grant > 0 and 0 or full + weight * interval - capacity - now, full - now, full}
        """;

    /// <summary>
    /// The sliding window: the key holds the number of the newest segment and the permits of the last eleven. A grant takes at most half of
    /// what is left, so that no replica holds the last permits back.
    /// </summary>
    public const string Window = Head + """
        local length, limit = tonumber(ARGV[5]), tonumber(ARGV[6])
        local segment, counts, place, newest = math.floor(now / length), {}, 0, nil
        for number in string.gmatch(redis.call('GET', KEYS[1]) or '', '%d+') do
            if newest then counts[newest - 11 + place] = tonumber(number) else newest = tonumber(number) end
            place = place + 1
        end
        segment = math.max(segment, newest or 0)
        if back > 0 and word > segment - 11 and counts[word] then counts[word] = math.max(0, counts[word] - back) end
        local total = 0
        for s = segment - 10, segment do total = total + (counts[s] or 0) end
        local free = limit - total
        local grant = free < weight and 0 or math.min(want, math.max(weight, math.floor(free / 2)))
        counts[segment] = (counts[segment] or 0) + grant
        local retry, reset, missing, values = 0, 0, weight - free, {string.format('%.0f', segment)}
        for s = segment - 10, segment do
            local count = counts[s] or 0
            values[#values + 1] = string.format('%.0f', count)
            if count > 0 then
                reset = (s + 11) * length - now
                if grant == 0 and missing > 0 then retry = reset end
                missing = missing - count
            end
        end
        if reset > 0 and (grant > 0 or back > 0) then redis.call('SET', KEYS[1], table.concat(values, ' '), 'PX', math.ceil(reset / 1000) + 1) end
        return {grant, math.max(0, free - grant), retry, reset, segment}
        """;

    /// <summary>The quota: the key holds the day, in UTC, and what was used on it. A grant takes at most half of what is left.</summary>
    public const string Quota = Head + """
        local limit, today = tonumber(ARGV[5]), math.floor(now / 86400000000)
        local day, used = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
        day, used = tonumber(day or today), tonumber(used or 0)
        if day < today then day, used = today, 0 end
        if back > 0 and word == day then used = math.max(0, used - back) end
        local free = limit - used
        local grant = free < weight and 0 or math.min(want, math.max(weight, math.floor(free / 2)))
        local reset = (day + 1) * 86400000000 - now
        if grant > 0 or back > 0 then
            redis.call('SET', KEYS[1], string.format('%.0f %.0f', day, used + grant), 'PX', math.ceil(reset / 1000))
        end
        return {grant, math.max(0, free - grant), grant > 0 and 0 or reset, reset, day}
        """;

    private const string Head = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local want, weight, word, back = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

        """;
}
