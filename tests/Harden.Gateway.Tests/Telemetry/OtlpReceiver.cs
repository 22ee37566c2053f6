using System.Collections.Concurrent;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Telemetry;

/// <summary>An OTLP/HTTP collector that keeps the bytes it is sent, by path.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, string Type, byte[] Body)> received = new();
    private readonly TestPrototype server;

    private OtlpReceiver(Func<OtlpReceiver, Task<TestPrototype>> start) => server = start(this).GetAwaiter().GetResult();

    public Uri Address => server.Address;

    public static OtlpReceiver Start() => new(static self => TestPrototype.StartAsync(self.Take));

    /// <summary>Everything sent to a path, joined.</summary>
    public byte[] At(string path) => [.. received.Where(r => r.Path == path).SelectMany(static r => r.Body)];

    public IEnumerable<string> Types => received.Select(static r => r.Type);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task Take(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        received.Enqueue((context.Request.Path, context.Request.ContentType ?? "", body.ToArray()));
        context.Response.ContentType = "application/x-protobuf";
    }
}
