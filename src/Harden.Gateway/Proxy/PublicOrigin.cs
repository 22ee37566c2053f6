namespace Harden.Gateway.Proxy;

/// <summary>
/// Turns the prototype's private address, where an answer names it, into the public one: a redirect to <c>http://localhost:3000/</c>
/// leads a browser nowhere, and a cookie for the domain <c>localhost</c> is refused by it. Everything else stays as it is.
/// </summary>
internal static class PublicOrigin
{
    /// <summary>A <c>Location</c>, <c>Content-Location</c> or <c>Refresh</c> value as the client may see it.</summary>
    public static string Rewrite(string value, Destination destination, HttpRequest request)
    {
        var start = 0;
        if (value.Length > 0 && char.IsAsciiDigit(value[0])) // Refresh: 5; url=http://…
        {
            start = value.IndexOf("url=", StringComparison.OrdinalIgnoreCase) + 4;
            if (start < 4)
                return value;
            if (start < value.Length && value[start] is '"' or '\'')
                start++;
        }
        foreach (var origin in destination.Origins)
        {
            if (!Begins(value.AsSpan(start), origin))
                continue;
            var rest = value.AsSpan(start + origin.Length);
            if (destination.BasePath.Length > 0 && Begins(rest, destination.BasePath))
                rest = rest[destination.BasePath.Length..];
            return string.Concat(value.AsSpan(0, start), $"{request.Scheme}://{request.Headers.Host}", rest);
        }
        return value;
    }

    /// <summary>A <c>Set-Cookie</c> value as the client may see it: its <c>Domain</c> attribute, if it is the prototype's, names the public host.</summary>
    public static string RewriteDomain(string setCookie, Destination destination, HttpRequest request)
    {
        var at = setCookie.IndexOf(';', StringComparison.Ordinal);
        while (at >= 0)
        {
            var next = setCookie.IndexOf(';', at + 1);
            var end = next < 0 ? setCookie.Length : next;
            var attribute = setCookie.AsSpan(at + 1, end - at - 1);
            var equals = attribute.IndexOf('=');
            if (equals > 0 && attribute[..equals].Trim().Equals("Domain", StringComparison.OrdinalIgnoreCase))
            {
                var domain = attribute[(equals + 1)..].Trim().TrimStart('.');
                return IsPrivate(domain, destination) && request.Host.Host is { Length: > 0 } host && !domain.Equals(host, StringComparison.OrdinalIgnoreCase)
                    ? string.Concat(setCookie.AsSpan(0, at + 1 + equals + 1), host, setCookie.AsSpan(end))
                    : setCookie;
            }
            at = next;
        }
        return setCookie;
    }

    private static bool IsPrivate(ReadOnlySpan<char> domain, Destination destination)
    {
        foreach (var host in destination.Hosts)
        {
            if (domain.Equals(host, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static bool Begins(ReadOnlySpan<char> text, string prefix) =>
        text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && (text.Length == prefix.Length || text[prefix.Length] is '/' or '?' or '#' or '"' or '\'');
}
