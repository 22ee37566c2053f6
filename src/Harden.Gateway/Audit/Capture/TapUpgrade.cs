using Microsoft.AspNetCore.Http.Features;

namespace Harden.Gateway.Audit.Capture;

/// <summary>An upgraded connection (WebSocket over HTTP/1.1), counted in both directions.</summary>
internal sealed class TapUpgrade(IHttpUpgradeFeature inner, Exchange exchange) : IHttpUpgradeFeature
{
    /// <summary>What was in place before.</summary>
    public IHttpUpgradeFeature Inner => inner;

    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync()
    {
        var stream = await inner.UpgradeAsync();
        exchange.Upgraded();
        return new TapStream(stream, exchange.Request, exchange.Response);
    }
}

/// <summary>A tunnel in one HTTP/2 stream (WebSocket over HTTP/2, RFC 8441), counted in both directions.</summary>
internal sealed class TapConnect(IHttpExtendedConnectFeature inner, Exchange exchange) : IHttpExtendedConnectFeature
{
    /// <summary>What was in place before.</summary>
    public IHttpExtendedConnectFeature Inner => inner;

    public bool IsExtendedConnect => inner.IsExtendedConnect;

    public string? Protocol => inner.Protocol;

    public async ValueTask<Stream> AcceptAsync()
    {
        var stream = await inner.AcceptAsync();
        exchange.Upgraded();
        return new TapStream(stream, exchange.Request, exchange.Response);
    }
}
