using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace Harden.Gateway.Proxy;

/// <summary>
/// Keeps Harden's cookies between the browser and Harden: the prototype neither sees them, for a session cookie is a credential, nor
/// can it set them. The prototype's own cookies pass byte for byte.
/// </summary>
internal static class HardenCookies
{
    private const string Prefix = "__Host-harden";

    /// <summary>The <c>Cookie</c> values without Harden's; empty if nothing is left.</summary>
    public static StringValues Cut(StringValues cookies)
    {
        if (cookies.Count == 1)
            return Cut(cookies[0]!) is { Length: > 0 } kept ? kept : default;
        var several = cookies.ToArray().Select(static c => Cut(c!)).Where(static c => c.Length > 0).ToArray();
        return several;
    }

    /// <summary>True for a <c>Set-Cookie</c> value of one of Harden's cookies.</summary>
    public static bool Sets(string setCookie) => IsHarden(setCookie);

    private static string Cut(string cookies)
    {
        if (!cookies.Contains(Prefix, StringComparison.OrdinalIgnoreCase))
            return cookies;
        var buffer = ArrayPool<char>.Shared.Rent(cookies.Length);
        try
        {
            var length = 0;
            foreach (var range in cookies.AsSpan().Split(';'))
            {
                var pair = cookies.AsSpan(range);
                if (IsHarden(pair))
                    continue;
                if (length > 0)
                    buffer[length++] = ';';
                else
                    pair = pair.TrimStart(" \t");
                pair.CopyTo(buffer.AsSpan(length));
                length += pair.Length;
            }
            return new(buffer, 0, length);
        }
        finally
        {
            buffer.AsSpan(0, cookies.Length).Clear(); // another renter must not find a session here
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    // "=name=value" is a cookie without a name, which a browser sends back as "name=value".
    private static bool IsHarden(ReadOnlySpan<char> pair) => pair.TrimStart(" \t\"=").StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
}
