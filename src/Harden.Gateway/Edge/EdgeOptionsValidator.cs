using Harden.Gateway.Configuration;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Edge;

/// <summary>What annotations can't say of <see cref="EdgeOptions"/>.</summary>
internal static class EdgeOptionsValidator
{
    public static void Validate(EdgeOptions options, Problems problems)
    {
        for (var i = 0; i < options.Listen.Length; i++)
        {
            if (ListenAddress.TryParse(options.Listen[i]) is null)
                problems.Add($"Edge:Listen:{i}", "must look like http://localhost:8080, https://*:443 or h2c://localhost:8083.");
        }
        for (var i = 0; i < options.TrustedProxies.Length; i++)
        {
            if (NetworkText.Parse(options.TrustedProxies[i]) is not { } network)
                problems.Add($"Edge:TrustedProxies:{i}", "must be an address such as 10.0.0.4 or a network such as 10.0.0.0/24.");
            else if (network.PrefixLength == 0)
                problems.Add($"Edge:TrustedProxies:{i}", "trusts everyone, so any client could choose its own address. Name the proxies.");
        }
        for (var i = 0; i < options.Hosts.Length; i++)
        {
            if (!HostString.FromUriComponent(options.Hosts[i]).HasValue || options.Hosts[i].Contains('/') || options.Hosts[i] == "*")
                problems.Add($"Edge:Hosts:{i}", "must be a host name such as tracker.example.com or *.example.com, without scheme or path.");
        }
    }
}
