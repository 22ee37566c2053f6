using System.Net;
using Harden.Audit;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>Bodies stream through: what a gateway needs does not depend on how much passes.</summary>
public sealed class BodyMemoryTests
{
    private const long Gibibyte = 1L << 30;
    private const long Mebibyte = 1L << 20;

    [Theory]
    [InlineData("Metadata", Gibibyte / 2)]
    [InlineData("RequestResponse", Gibibyte / 2)]
    public async Task LongBodyInEitherDirection_NeedsNoMemory(string level, long size)
    {
        await using var prototype = await TestPrototype.StartAsync(HandleAsync);
        var state = Directory.CreateTempSubdirectory("harden-test-");
        try
        {
            using var gateway = await GatewayProcess.StartAsync($"--StateDirectory={state.FullName}", $"--Prototype:Address={prototype.Address}", "--Access:Default=Anonymous", $"--Audit:Rules:0:Level={level}", "--Audit:Rules:0:Bodies:Text=true");
            using var http = new HttpClient { BaseAddress = gateway.Address };
            await PassAsync(http, 32 * Mebibyte); // code compiled, pools filled
            var before = gateway.PeakMemory;

            await PassAsync(http, size);

            Assert.InRange(gateway.PeakMemory - before, 0, 64 * Mebibyte);
            var captured = new AuditReader(Path.Combine(state.FullName, "audit")).Read().SelectMany(static v => new[] { v.Entry.Body?.Request?.Captured, v.Entry.Body?.Response?.Captured });
            Assert.Equal(level == "RequestResponse", captured.Any(static c => c == 64 * 1024));
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    private static async Task PassAsync(HttpClient http, long size)
    {
        using var chunked = await http.PutAsync("/", new Zeros(size, tell: false) { Headers = { ContentType = new("text/plain") } });
        using var known = await http.PutAsync("/", new Zeros(size / 4, tell: true) { Headers = { ContentType = new("text/plain") } });
        Assert.Equal($"{size}", await chunked.Content.ReadAsStringAsync());
        Assert.Equal($"{size / 4}", await known.Content.ReadAsStringAsync());
        using var answer = await http.GetAsync($"/?size={size}", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(size, await CountAsync(await answer.Content.ReadAsStreamAsync()));
    }

    private static async Task HandleAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain"; // the beginning is kept where bodies are
        if (HttpMethods.IsPut(context.Request.Method))
            await context.Response.WriteAsync($"{await CountAsync(context.Request.Body)}");
        else if (long.TryParse(context.Request.Query["size"], out var size))
            await Zeros.WriteAsync(context.Response.Body, size);
    }

    private static async Task<long> CountAsync(Stream stream)
    {
        var buffer = new byte[1 << 17];
        var total = 0L;
        while (await stream.ReadAsync(buffer) is > 0 and var read)
            total += read;
        return total;
    }

    private sealed class Zeros(long size, bool tell) : HttpContent
    {
        public static async Task WriteAsync(Stream stream, long size)
        {
            var buffer = new byte[1 << 16];
            buffer.AsSpan().Fill((byte)'0');
            for (var left = size; left > 0; left -= buffer.Length)
                await stream.WriteAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)));
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => WriteAsync(stream, size);

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return tell;
        }
    }
}
