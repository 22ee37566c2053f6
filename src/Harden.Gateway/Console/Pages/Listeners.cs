using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Harden.Gateway.Console.Pages;

/// <summary>Where the gateway listens.</summary>
/// <param name="App">Addresses of the app's listener.</param>
/// <param name="Console">Addresses of the management listener.</param>
internal sealed record Listeners(IReadOnlyList<string> App, IReadOnlyList<string> Console)
{
    /// <summary>Reads them from the server, where a port that was left free is known. The management listener is bound last.</summary>
    public static Listeners Of(IServer server, ConsoleOptions options)
    {
        var all = server.Features.Get<IServerAddressesFeature>()?.Addresses.ToArray() ?? [];
        var own = Math.Min(options.ListenOrDefault.Count, all.Length);
        return new(all[..^own], all[^own..]);
    }
}
