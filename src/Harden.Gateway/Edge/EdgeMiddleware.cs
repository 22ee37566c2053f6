using System.Net;
using Harden.Gateway.Configuration;
using Microsoft.AspNetCore.Http.Features;

namespace Harden.Gateway.Edge;

/// <summary>
/// Runs first, so that no later stage can be misled: one reading of the target, one client address, no header in the request that
/// only Harden may set. It decides on refusals and leaves the answer to <see cref="RefusalMiddleware"/>, which audit surrounds.
/// </summary>
internal sealed class EdgeMiddleware(RequestDelegate next, Live<EdgeOptions> live)
{
    private TrustedProxies proxies = new(live.Current);

    public Task InvokeAsync(HttpContext context)
    {
        var options = live.Current;
        if (!ReferenceEquals(proxies.Options, options))
            proxies = new(options);

        var peer = TrustedProxies.Plain(context.Connection.RemoteIpAddress ?? IPAddress.None);
        var scope = new RequestScope { RequestId = Guid.CreateVersion7().ToString("N"), Peer = peer, Client = peer };
        context.Features.Set(scope);

        var misled = proxies.Apply(context, scope);
        Strip(context.Request.Headers);
        scope.RawTarget = OriginForm(context);
        scope.Refusal = RequestTarget.Read(scope.RawTarget, options.Allow, out var path) ?? misled ?? RefuseRequest(context.Request, options);
        scope.Path = path;
        return next(context);
    }

    private static void Strip(IHeaderDictionary headers)
    {
        List<string>? reserved = null; // a dictionary can't change while it is enumerated, and nearly no request has any
        foreach (var (name, _) in headers)
        {
            if (IdentityHeaders.Reserves(name))
                (reserved ??= []).Add(name);
        }
        if (reserved is null)
            return;
        foreach (var name in reserved)
            headers.Remove(name);
    }

    // RFC 9112 section 3.2.2: a server must accept the absolute form; its host has already become the Host.
    private static string OriginForm(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var at = target.Length > 0 && target[0] != '/' ? target.IndexOf("://", StringComparison.Ordinal) : -1;
        if (at < 0)
            return target;
        var slash = target.AsSpan(at + 3).IndexOfAny('/', '?');
        return slash < 0 ? "/" : target[at + 3 + slash] == '?' ? "/" + target[(at + 3 + slash)..] : target[(at + 3 + slash)..];
    }

    private static Refusal? RefuseRequest(HttpRequest request, EdgeOptions options)
    {
        if (options.Hosts.Length > 0 && !ManagementConnection.Carries(request.HttpContext) && !Serves(options.Hosts, request.Host.Host))
            return new(StatusCodes.Status400BadRequest, "unknown-host", "This host name is not one the app is served under.");
        // RFC 9112 section 6.3: both lengths at once is how requests are smuggled. Kestrel believes the chunks and renames the other.
        if (request.Headers.TransferEncoding.Count > 0 && request.Headers.ContainsKey("X-Content-Length"))
        {
            request.HttpContext.Response.Headers.Connection = "close"; // what follows on the connection can't be told apart
            return new(StatusCodes.Status400BadRequest, "two-lengths", "The request has both Content-Length and Transfer-Encoding.");
        }
        if (request.Method is "TRACE" or "TRACK")
            return new(StatusCodes.Status405MethodNotAllowed, "method", "TRACE would echo credentials and is not forwarded.");
        // CONNECT is a tunnel to anywhere, except as the WebSocket handshake of RFC 8441.
        if (HttpMethods.IsConnect(request.Method) && request.HttpContext.Features.Get<IHttpExtendedConnectFeature>() is not { IsExtendedConnect: true, Protocol: "websocket" })
            return new(StatusCodes.Status405MethodNotAllowed, "method", "CONNECT is not forwarded.");
        return null;
    }

    private static bool Serves(string[] hosts, string host)
    {
        foreach (var pattern in hosts)
        {
            if (pattern.StartsWith("*.", StringComparison.Ordinal)
                ? host.EndsWith(pattern.AsSpan(1), StringComparison.OrdinalIgnoreCase) && host.Length > pattern.Length - 1
                : host.Equals(pattern, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}

/// <summary>Answers what the edge refused. Runs inside the audit stage, so that refusals are on record.</summary>
internal sealed class RefusalMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        if (scope.Refusal is not { } refusal)
            return next(context);
        scope.Decision = new(DecisionAction.Refuse, refusal.Reason);
        return Answer.WriteAsync(context, refusal.Status, "The request was refused", refusal.Detail);
    }
}
