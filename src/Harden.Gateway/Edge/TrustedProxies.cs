using System.Globalization;
using System.Net;

namespace Harden.Gateway.Edge;

/// <summary>
/// Takes client address, scheme and host from forwarded headers if, and only if, the peer is a named proxy. Walks
/// <c>X-Forwarded-For</c> from the right over named proxies: the first address that isn't one is the client.
/// </summary>
internal sealed class TrustedProxies(EdgeOptions options)
{
    private readonly IPNetwork[] networks = [.. options.TrustedProxies.Select(static text => NetworkText.Parse(text)!.Value)];

    /// <summary>The options this was made of, to notice a reload.</summary>
    public EdgeOptions Options { get; } = options;

    /// <summary>True if the address belongs to a named proxy.</summary>
    public bool Contains(IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
                return true;
        }
        return false;
    }

    /// <summary>Applies what the proxies in front say of the client to the request and its scope.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public Refusal? Apply(HttpContext context, RequestScope scope)
    {
        if (networks.Length == 0 || !Contains(scope.Peer))
            return null;
        var headers = context.Request.Headers;
        var hops = headers["X-Forwarded-For"].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (var i = hops.Length - 1; i >= 0 && IPEndPoint.TryParse(hops[i], out var hop); i--)
        {
            scope.Client = Plain(hop.Address);
            if (!Contains(scope.Client))
                break;
        }
        if (Last(headers["X-Forwarded-Proto"]) is "http" or "https")
            context.Request.Scheme = Last(headers["X-Forwarded-Proto"]);
        if (Last(headers["X-Forwarded-Host"]) is not { Length: > 0 } host)
            return null;
        // A proxy may hand on what a client wrote there. What is no host would become part of addresses that browsers are sent to.
        if (!IsHost(host))
            return new(StatusCodes.Status400BadRequest, "forwarded-host", "X-Forwarded-Host names no host.");
        context.Request.Host = new HostString(host);
        return null;
    }

    private static bool IsHost(string text)
    {
        if (!System.Text.Ascii.IsValid(text))
            return false;
        var colon = text.LastIndexOf(':');
        var port = colon >= 0 && text.IndexOf(']', colon) < 0;
        var name = port ? text[..colon] : text;
        return (name.Contains(':') ? name is ['[', .., ']'] : !name.Contains('[')) && Uri.CheckHostName(name) != UriHostNameType.Unknown
            && (!port || (text.AsSpan(colon + 1) is { Length: <= 5 } digits && ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out _)));
    }

    /// <summary>An IPv4 address that arrived on a dual-mode socket as the IPv4 address it is.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static string Last(string? values) => values is null ? "" : values[(values.LastIndexOf(',') + 1)..].Trim();
}
