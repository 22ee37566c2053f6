using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Harden.Gateway.Tests.Differencing;

/// <summary>An HTTP/1.1 client that hides nothing: what it sends and what it reads is what is on the wire.</summary>
internal static class RawHttp
{
    // The public host name. Every run sends the same one, whatever it connects to.
    private const string Host = "localhost:8080";

    public static async Task<RawAnswer> SendAsync(Uri address, RecordedRequest request, IReadOnlyDictionary<string, string> saved, string cookies)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port, limit.Token);
        await using var stream = new NetworkStream(socket);
        var reader = new WireReader(stream, limit.Token);

        await stream.WriteAsync(Head(request, saved, cookies), limit.Token);
        var interim = new List<RawAnswer>();
        if (request.Headers.Any(static h => h[0].Equals("Expect", StringComparison.OrdinalIgnoreCase) && h[1].Equals("100-continue", StringComparison.OrdinalIgnoreCase)))
        {
            var first = await AnswerHeadAsync(reader);
            if (first.Status != 100)
                return await AnswerBodyAsync(reader, request.Method, first);
            interim.Add(first);
        }
        // Written while the answer is read: a server that answers early must not make the two wait for each other.
        var writing = WriteBodyAsync(stream, request, saved, limit.Token);
        var answer = await AnswerHeadAsync(reader);
        for (; answer.Status is >= 100 and < 200; answer = await AnswerHeadAsync(reader))
            interim.Add(answer);
        answer = await AnswerBodyAsync(reader, request.Method, answer) with { Interim = interim };
        await writing;
        return answer;
    }

    private static byte[] Head(RecordedRequest request, IReadOnlyDictionary<string, string> saved, string cookies)
    {
        using var head = new MemoryStream();
        void Write(string text, bool latin1 = false) => head.Write((latin1 ? Encoding.Latin1 : Encoding.UTF8).GetBytes(text));
        bool Sends(string name) => request.Headers.Any(h => h[0].Equals(name, StringComparison.OrdinalIgnoreCase));

        Write($"{request.Method} {Fill(request.Target, saved)} HTTP/1.1\r\n");
        if (!Sends("Host"))
            Write($"Host: {Host}\r\n");
        if (!Sends("Sec-Fetch-Site"))
            Write("Sec-Fetch-Site: same-origin\r\n"); // as a browser says of the app's own pages
        foreach (var header in request.Headers)
        {
            var value = Fill(header[1], saved);
            if (cookies.Length > 0 && ReferenceEquals(header, request.Headers.LastOrDefault(static h => h[0] == "Cookie")))
                value += "; " + cookies;
            Write($"{header[0]}: {value}\r\n", request.Latin1);
        }
        if (cookies.Length > 0 && !Sends("Cookie"))
            Write($"Cookie: {cookies}\r\n");
        if (request.Chunks is not null)
            Write("Transfer-Encoding: chunked\r\n");
        else if (request.HasContent && !Sends("Content-Length"))
            Write(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Content(request, saved).Length}\r\n"));
        Write("\r\n");
        return head.ToArray();
    }

    private static async Task WriteBodyAsync(NetworkStream stream, RecordedRequest request, IReadOnlyDictionary<string, string> saved, CancellationToken cancel)
    {
        var content = Content(request, saved);
        try
        {
            if (request.Chunks is not { } chunks)
            {
                await stream.WriteAsync(content, cancel);
                return;
            }
            for (var (at, i) = (0, 0); at < content.Length; i++)
            {
                var size = Math.Min(chunks[Math.Min(i, chunks.Length - 1)], content.Length - at);
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"{size:x}\r\n"), cancel);
                await stream.WriteAsync(content.AsMemory(at, size), cancel);
                await stream.WriteAsync("\r\n"u8.ToArray(), cancel);
                at += size;
            }
            await stream.WriteAsync(Encoding.UTF8.GetBytes("0\r\n" + string.Concat(request.Trailers.Select(static t => $"{t[0]}: {t[1]}\r\n")) + "\r\n"), cancel);
        }
        catch (IOException)
        {
            // The server answered without reading on; its answer is what counts.
        }
    }

    private static byte[] Content(RecordedRequest request, IReadOnlyDictionary<string, string> saved) =>
        request.Body is { } text ? Encoding.UTF8.GetBytes(Fill(text, saved)) : request.Content;

    private static string Fill(string text, IReadOnlyDictionary<string, string> saved)
    {
        foreach (var (name, value) in saved)
            text = text.Replace("{" + name + "}", value, StringComparison.Ordinal);
        return text;
    }

    private static async Task<RawAnswer> AnswerHeadAsync(WireReader reader)
    {
        var line = (await reader.LineAsync()).Split(' ', 3);
        if (line.Length < 2 || !int.TryParse(line[1], out var status))
            throw new InvalidDataException($"Not a status line: \"{string.Join(' ', line)}\".");
        return new() { Status = status, Reason = line.Length > 2 ? line[2] : "", Headers = await reader.FieldsAsync() };
    }

    private static async Task<RawAnswer> AnswerBodyAsync(WireReader reader, string method, RawAnswer head)
    {
        if (method == "HEAD" || head.Status is 204 or 304)
            return head;
        var (body, trailers) = await reader.BodyAsync(head.Headers, untilClose: true);
        return head with { Body = body, Trailers = trailers };
    }
}
