using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>One prototype on three listeners (HTTP/1.1, h2c, TLS) and a gateway on three in front of each: every protocol on both sides.</summary>
public sealed class ProtocolMatrix : IAsyncLifetime
{
    private readonly List<GatewayUnderTest> gateways = [];
    private readonly DirectoryInfo files = Directory.CreateTempSubdirectory("harden-test-");
    private WebApplication prototype = null!;

    /// <summary>Completed when a request to <c>/hang</c> has been aborted.</summary>
    internal TaskCompletionSource Aborted { get; private set; } = new();

    /// <summary>What <c>/events</c> says and how long <c>/crash</c> lives: one line after another, until it is completed.</summary>
    internal Channel<string> Lines { get; private set; } = Channel.CreateUnbounded<string>();

    /// <summary>Every pair: what the client speaks, what the prototype speaks.</summary>
    public static TheoryData<string, string> Pairs()
    {
        var pairs = new TheoryData<string, string>();
        foreach (var client in (string[])["http/1.1", "https/1.1", "https/2", "h2c"])
        {
            foreach (var app in (string[])["http/1.1", "h2c", "tls"])
                pairs.Add(client, app);
        }
        return pairs;
    }

    /// <summary>Forgets what happened in the test before.</summary>
    internal void Renew()
    {
        Aborted = new();
        Lines = Channel.CreateUnbounded<string>();
    }

    public async Task InitializeAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var pfx = Path.Combine(files.FullName, "test.pfx");
        await File.WriteAllBytesAsync(pfx, made.Export(X509ContentType.Pkcs12, "test"));
        var certificate = X509CertificateLoader.LoadPkcs12FromFile(pfx, "test");

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
        });
        prototype = builder.Build();
        prototype.UseWebSockets();
        prototype.Run(HandleAsync);
        await prototype.StartAsync();
        var addresses = prototype.Urls.ToArray();
        foreach (var (address, http2) in ((string, string)[])[(addresses[0], "Never"), (addresses[1], "Always"), (addresses[2], "Auto")])
        {
            gateways.Add(await GatewayUnderTest.StartAsync(new(address), "Edge:Listen:0=http://127.0.0.1:0", "Edge:Listen:1=https://127.0.0.1:0", "Edge:Listen:2=h2c://127.0.0.1:0",
                $"Prototype:Http2={http2}", $"Prototype:Certificate={made.GetCertHashString(HashAlgorithmName.SHA256)}",
                $"Kestrel:Certificates:Default:Path={pfx}", "Kestrel:Certificates:Default:Password=test"));
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var gateway in gateways)
            await gateway.DisposeAsync();
        await prototype.DisposeAsync();
        files.Delete(recursive: true);
    }

    /// <summary>Where the gateway in front of this prototype serves this client protocol.</summary>
    internal Uri Address(string client, string app)
    {
        var gateway = gateways[app switch { "http/1.1" => 0, "h2c" => 1, _ => 2 }];
        var all = gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        return new(all[client switch { "http/1.1" => 0, "h2c" => 2, _ => 1 }]);
    }

    /// <summary>A client that speaks this protocol and no other.</summary>
    internal HttpClient Client(string client, string app) => new(Handler())
    {
        BaseAddress = Address(client, app),
        DefaultRequestVersion = client is "https/2" or "h2c" ? HttpVersion.Version20 : HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(60),
    };

    internal static SocketsHttpHandler Handler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        SslOptions = new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    };

    private async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        switch (request.Path.Value)
        {
            case "/protocol":
                await response.WriteAsync($"{request.Protocol} {request.Host} {request.Headers["X-Forwarded-Proto"]}");
                break;
            case "/echo":
                response.ContentType = request.ContentType;
                using (var whole = new MemoryStream()) // HttpClient reads nothing before it has sent everything
                {
                    await request.Body.CopyToAsync(whole);
                    await response.Body.WriteAsync(whole.GetBuffer().AsMemory(0, (int)whole.Length));
                }
                break;
            case "/range":
                await Results.Bytes("0123456789"u8.ToArray(), "text/plain", enableRangeProcessing: true).ExecuteAsync(context);
                break;
            case "/cookies":
                response.Headers.SetCookie = new(["a=1; Path=/", "b=2", "a=3"]);
                break;
            case "/trailers":
                response.DeclareTrailer("X-Sum");
                await response.WriteAsync("body");
                response.AppendTrailer("X-Sum", "42");
                break;
            case "/events":
                response.ContentType = "text/event-stream";
                await response.Body.FlushAsync();
                await foreach (var line in Lines.Reader.ReadAllAsync(context.RequestAborted))
                    await response.WriteAsync($"data: {line}\n\n");
                break;
            case "/hang":
                var aborted = Aborted;
                context.RequestAborted.Register(() => aborted.TrySetResult());
                await response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case "/crash":
                await response.WriteAsync("half");
                await response.Body.FlushAsync();
                await Lines.Reader.ReadAsync(context.RequestAborted); // the client has seen it
                context.Abort();
                break;
            case "/refuse":
                response.StatusCode = StatusCodes.Status417ExpectationFailed;
                break;
            case "/socket":
                await EchoAsync(await context.WebSockets.AcceptWebSocketAsync(context.WebSockets.WebSocketRequestedProtocols[0]));
                break;
            case "/grpc.Test/Echo":
                await GrpcAsync(context);
                break;
        }
    }

    private static async Task EchoAsync(WebSocket socket)
    {
        var buffer = new byte[1 << 16];
        while (true)
        {
            var got = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (got.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync((WebSocketCloseStatus)4000, "as you like", CancellationToken.None);
                return;
            }
            await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, CancellationToken.None);
        }
    }

    // gRPC by hand: each message has a five-byte prefix, the status comes in trailers.
    private static async Task GrpcAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "application/grpc";
        if (context.Request.Headers["x-fail"] == "1")
        {
            response.Headers["grpc-status"] = "7"; // "trailers only"
            return;
        }
        await response.Body.FlushAsync();
        while (await ReadMessageAsync(context.Request.Body) is { } message)
        {
            await response.Body.WriteAsync(message);
            await response.Body.FlushAsync();
        }
        response.AppendTrailer("grpc-status", "0");
        response.AppendTrailer("grpc-message", "fine");
    }

    /// <summary>Reads one gRPC message with its prefix; null at the end.</summary>
    internal static async Task<byte[]?> ReadMessageAsync(Stream stream)
    {
        var prefix = new byte[5];
        if (await stream.ReadAtLeastAsync(prefix, 5, throwOnEndOfStream: false) == 0)
            return null;
        var message = new byte[5 + BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(1))];
        prefix.CopyTo(message, 0);
        await stream.ReadExactlyAsync(message.AsMemory(5));
        return message;
    }
}
