using System.Globalization;
using System.Net;
using System.Net.WebSockets;

namespace Harden.Benchmarks;

/// <summary>The app behind every proxy: as fast as Kestrel gets, and always the same.</summary>
internal static class Backend
{
    /// <summary>What <c>GET /1k</c> answers: JSON of exactly 1,024 bytes.</summary>
    public static readonly byte[] Small = Json(1024);

    /// <summary>What is posted to <c>/echo</c>, and comes back: JSON of exactly 4,096 bytes.</summary>
    public static readonly byte[] Large = Json(4096);

    public static async Task<int> RunAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        await using var app = builder.Build();
        app.UseWebSockets();
        app.Run(static context => context.Request.Path.Value switch
        {
            "/1k" => AnswerAsync(context),
            "/echo" => EchoAsync(context),
            "/events" => StreamAsync(context),
            "/socket" => SocketAsync(context),
            "/sink" => SinkAsync(context),
            "/source" => SourceAsync(context),
            _ => context.Response.WriteAsync("ok"),
        });
        await app.RunAsync();
        return 0;
    }

    private static Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Small.Length;
        return context.Response.BodyWriter.WriteAsync(Small).AsTask();
    }

    private static async Task EchoAsync(HttpContext context)
    {
        context.Response.ContentType = context.Request.ContentType;
        context.Response.ContentLength = context.Request.ContentLength;
        await context.Request.BodyReader.CopyToAsync(context.Response.BodyWriter);
    }

    private static async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("data: ready\n\n");
        await context.Response.Body.FlushAsync();
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private static async Task SocketAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } got)
            await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, context.RequestAborted);
    }

    private static async Task SinkAsync(HttpContext context)
    {
        var buffer = new byte[64 * 1024];
        var total = 0L;
        while (await context.Request.Body.ReadAsync(buffer) is > 0 and var got)
            total += got;
        await context.Response.WriteAsync(total.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task SourceAsync(HttpContext context)
    {
        var left = long.Parse(context.Request.Query["bytes"]!, CultureInfo.InvariantCulture);
        context.Response.ContentType = "text/plain"; // so that a proxy that records bodies records this one
        context.Response.ContentLength = left;
        var chunk = new byte[64 * 1024];
        for (; left > 0; left -= Math.Min(chunk.Length, left))
            await context.Response.Body.WriteAsync(chunk.AsMemory(0, (int)Math.Min(chunk.Length, left)));
    }

    private static byte[] Json(int size)
    {
        // Fields of an ordinary form, so that whatever reads or redacts bodies has an ordinary amount to do.
        const string Row = """{"id":1234,"name":"Ada Lovelace","mail":"ada@example.com","note":"prefers mornings","open":true},""";
        const string Head = """{"customers":[""", Tail = "\"\"]}";
        var rows = string.Concat(Enumerable.Repeat(Row, (size - Head.Length - Tail.Length) / Row.Length));
        var json = Head + rows + "\"" + new string('x', size - Head.Length - rows.Length - Tail.Length) + Tail[1..];
        return System.Text.Encoding.ASCII.GetBytes(json);
    }
}
