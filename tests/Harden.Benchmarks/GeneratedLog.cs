using System.Globalization;
using System.Text;
using Harden.Audit;

namespace Harden.Benchmarks;

/// <summary>A log of many requests as the gateway writes them, made without a gateway and without waiting for the disk.</summary>
internal sealed class GeneratedLog
{
    private const long SegmentBytes = 128L * 1024 * 1024;
    private const int Users = 10_000;
    private static readonly string[] Areas = ["orders", "invoices", "customers", "reports", "assets", "api/v1/items", "search", "profile"];
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Random random = new(4711);
    private readonly EntryFrame frame = new(new string('a', 32), new string('b', 32));
    private readonly byte[] buffer = new byte[EntryFrame.MaxLine + 1];
    private readonly string directory;
    private FileStream file;
    private int number = 1;

    private GeneratedLog(string directory)
    {
        this.directory = directory;
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "log-id"), new string('a', 32) + "\n");
        file = File.Create(Path.Combine(directory, new SegmentFile(1, number).Name), 1 << 20);
    }

    /// <summary>Entries written.</summary>
    public long Entries { get; private set; }

    /// <summary>Bytes written.</summary>
    public long Bytes { get; private set; }

    /// <summary>Id of the request in the middle.</summary>
    public string SomeTrace { get; private set; } = "";

    /// <summary>Writes a log: of 20 requests, 19 are forwarded and so are two entries each, one is denied.</summary>
    public static GeneratedLog Write(string directory, long entries)
    {
        var log = new GeneratedLog(directory);
        log.Append("""{"stage":"boot","time":"2026-01-01T00:00:00Z","monoNs":0,"notice":{"reason":"started","detail":"The audit log was opened.","count":0}}""");
        Queue<string> open = [];
        for (long n = 0; log.Entries + open.Count < entries; n++)
        {
            // A few requests are always on their way, so that ends don't follow their beginnings.
            if (log.Request(n, n * 2 >= entries / 2) is { } end)
                open.Enqueue(end);
            if (open.Count > 8)
                log.Append(open.Dequeue());
        }
        while (open.TryDequeue(out var end))
            log.Append(end);
        log.file.Dispose();
        return log;
    }

    private string? Request(long n, bool middle)
    {
        var user = random.Next(Users);
        var area = Areas[random.Next(Areas.Length)];
        var time = Start.AddMilliseconds(n * 20);
        var id = $"{time.ToUnixTimeMilliseconds():x12}7{random.Next(0x1000):x3}{random.NextInt64(0x7fffffffffffffff):x16}";
        var trace = $"{random.NextInt64():x16}{random.NextInt64():x16}";
        if (middle && SomeTrace.Length == 0)
            SomeTrace = trace;
        var denied = n % 20 == 7;
        var status = denied ? 403 : random.Next(200) switch { 0 => 500, < 10 => 404, < 30 => 302, _ => 200 };
        var path = random.Next(3) == 0 ? $"/{area}" : $"/{area}/{random.Next(1_000_000)}";
        var rare = n % 250_000 == 100_000 ? "&topic=quetzalcoatl" : "";
        var head = string.Create(CultureInfo.InvariantCulture, $"\"requestId\":\"{id}\",\"traceId\":\"{trace}\",\"spanId\":\"00f067aa0ba902b7\",\"time\":\"{time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffffffZ}\",\"monoNs\":{n * 20_000_000}");
        var answer = $"\"status\":{status},\"responseHeaders\":{{\"content-type\":\"application/json; charset=utf-8\",\"content-length\":\"1834\"}}";
        var begin = string.Create(CultureInfo.InvariantCulture, $$$"""
            {"stage":"{{{(denied ? "denial" : "intent")}}}",{{{head}}},"actor":{"tenant":"de000000-0000-4000-8000-000000000001","subject":"{{{user:x8}}}-0000-4000-8000-0000000000aa","display":"Person{{{user}}} Name{{{user % 977}}} \u003Cperson{{{user}}}@example.com\u003E","scheme":"session","roles":["Member"]},"source":{"peer":"127.0.0.1","client":"203.0.{{{user / 250}}}.{{{user % 250}}}","userAgent":"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},"http":{"method":"{{{(n % 5 == 0 ? "POST" : "GET")}}}","path":"{{{path}}}","query":"page={{{n % 9}}}{{{rare}}}","host":"app.example.com","version":"HTTP/1.1","requestHeaders":{"accept":"text/html,application/xhtml\u002Bxml","accept-language":"en-GB,en;q=0.5","sec-fetch-site":"same-origin"}{{{(denied ? "," + answer : "")}}}},"decision":{"action":"{{{(denied ? "deny" : "forward")}}}","reason":"{{{(denied ? "role" : "rule")}}}","rule":"{{{area}}}"},"timing":{"totalUs":{{{random.Next(900)}}}}}
            """);
        Append(begin);
        return denied ? null : string.Create(CultureInfo.InvariantCulture, $$$"""
            {"stage":"completion",{{{head}}},"http":{{{{answer}}}},"body":{"response":{"bytes":1834,"captured":0,"notCaptured":"level","end":"complete"}},"decision":{"action":"forward","reason":"rule","rule":"{{{area}}}"},"upstream":{"attempts":1},"timing":{"totalUs":{{{random.Next(90_000)}}},"intentUs":700,"firstByteUs":5100}}
            """);
    }

    private void Append(string body)
    {
        if (file.Position > SegmentBytes)
        {
            file.Dispose();
            file = File.Create(Path.Combine(directory, new SegmentFile(1, ++number).Name), 1 << 20);
        }
        var length = frame.Write(Entries++, Encoding.ASCII.GetBytes(body), buffer);
        file.Write(buffer, 0, length + 1);
        Bytes += length + 1;
    }
}
