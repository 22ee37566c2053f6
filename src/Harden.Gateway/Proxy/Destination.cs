using System.Net;
using Yarp.ReverseProxy.Forwarder;

namespace Harden.Gateway.Proxy;

/// <summary>The prototype as forwarding needs it: everything that can be computed once per configuration instead of once per request.</summary>
internal sealed class Destination
{
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"];
    private static readonly UriCreationOptions AsIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly ForwarderRequestConfig usual;
    private readonly ForwarderRequestConfig grpc;
    private readonly string root;

    public Destination(PrototypeOptions options)
    {
        Options = options;
        var address = options.Address!;
        BasePath = address.AbsolutePath.TrimEnd('/');
        Origin = address.GetLeftPart(UriPartial.Authority);
        root = Origin + BasePath;
        Hosts = IsLoopback(address) ? Loopback : [address.IdnHost];
        Origins = [.. Hosts.SelectMany(host => OriginsOf(address, host)).Append(Origin).Distinct(StringComparer.OrdinalIgnoreCase)];

        // ActivityTimeout would also cut streams that are silent for a while; Deadline is what limits the wait.
        var h2 = new ForwarderRequestConfig { ActivityTimeout = Timeout.InfiniteTimeSpan, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var h1 = h2 with { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        usual = options.Http2 switch
        {
            Http2Use.Always => h2,
            Http2Use.Auto when address.Scheme == Uri.UriSchemeHttps => h2 with { VersionPolicy = HttpVersionPolicy.RequestVersionOrLower },
            _ => h1,
        };
        grpc = options.Http2 == Http2Use.Never ? h1 : h2;
    }

    /// <summary>The options this was made of, to notice a reload.</summary>
    public PrototypeOptions Options { get; }

    /// <summary>Scheme, host and port.</summary>
    public string Origin { get; }

    /// <summary>Path below which the prototype lives, without a slash at its end; mostly "".</summary>
    public string BasePath { get; }

    /// <summary>Every host name that means the prototype's machine to the prototype.</summary>
    public string[] Hosts { get; }

    /// <summary>Every origin under which the prototype may know itself: what must not get out.</summary>
    public string[] Origins { get; }

    /// <summary>The address of a request: the target as the client sent it, byte for byte, below the base path.</summary>
    public Uri Locate(string rawTarget) => new(root + rawTarget, AsIs);

    /// <summary>The protocol to speak. gRPC exists on HTTP/2 only; grpc-web was made for HTTP/1.1 and is nothing special.</summary>
    public ForwarderRequestConfig ConfigFor(HttpRequest request) =>
        request.Protocol is "HTTP/2" && IsGrpc(request.ContentType) ? grpc : usual;

    private static bool IsGrpc(string? type) =>
        type is not null && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
        && (type.Length == 16 || type[16] is '+' or ';' or ' ');

    private static bool IsLoopback(Uri address) => address.IsLoopback || address.Host == "0.0.0.0";

    private static string[] OriginsOf(Uri address, string host) =>
        address.IsDefaultPort ? [$"{address.Scheme}://{host}", $"{address.Scheme}://{host}:{address.Port}"] : [$"{address.Scheme}://{host}:{address.Port}"];
}
