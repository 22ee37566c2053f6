using System.Diagnostics;
using System.Text.Json;

namespace Harden.Cli.Tests.Audit;

/// <summary>What <c>harden audit</c> finds and writes, as it is typed.</summary>
public sealed class AuditExportTests : IDisposable
{
    private const string First = "00000000000000000000000000000001", Second = "00000000000000000000000000000002", Third = "00000000000000000000000000000003";

    private readonly DirectoryInfo log = Directory.CreateTempSubdirectory("harden-test-");

    public AuditExportTests() => File.WriteAllLines(Path.Combine(log.FullName, "000001-000001.jsonl"),
    [
        $$$"""{"v":1,"logId":"l","bootId":"b","seq":0,"stage":"intent","requestId":"{{{First}}}","traceId":"{{{Second}}}","time":"2026-01-31T09:00:00Z","actor":{"tenant":"t","subject":"s-1","display":"Ada \u003Cada@example.com\u003E"},"source":{"peer":"127.0.0.1","client":"203.0.113.7","userAgent":"curl/8"},"http":{"method":"POST","path":"/orders/7","query":"page=2","host":"app.example.com:8080","version":"HTTP/1.1","requestHeaders":{"content-type":"application/json"}},"decision":{"action":"forward","reason":"rule","rule":"members"}}""",
        $$$"""{"v":1,"logId":"l","bootId":"b","seq":1,"stage":"completion","requestId":"{{{First}}}","traceId":"{{{Second}}}","time":"2026-01-31T09:00:01Z","http":{"status":201,"responseHeaders":{"content-type":"text/html"}},"body":{"request":{"bytes":12},"response":{"bytes":34}},"decision":{"action":"forward","reason":"rule","rule":"members"},"timing":{"totalUs":5000,"firstByteUs":3000}}""",
        $$$"""{"v":1,"logId":"l","bootId":"b","seq":2,"stage":"denial","requestId":"{{{Third}}}","time":"2026-01-31T10:00:00Z","actor":{"tenant":"t","subject":"s-2","display":"=cmd|'/c calc'!A1, \u0022x\u0022"},"source":{"client":"2001:db8::1"},"http":{"method":"PATCH","path":"/a\u001b[31m\u202e\u009bz","query":"a=b","host":"app","version":"HTTP/2","status":403},"decision":{"action":"deny","reason":"no-rule"}}""",
    ]);

    public void Dispose() => log.Delete(recursive: true);

    [Theory]
    [InlineData("2", "--status", "4xx")]
    [InlineData("2", "--status", "403")]
    [InlineData("1", "--user", "ada")]
    [InlineData("1", "--path", "/orders/*")]
    [InlineData("1", "--method", "post", "--rule", "Members", "--state", "completed", "--client", "203.0.113.7")]
    [InlineData("2", "--reason", "no-rule")]
    [InlineData("1", "--to", "2026-01-31T09:30")]
    [InlineData("2", "--from", "2026-01-31T10:30+01:00", "--no-index")]
    [InlineData("1", "orders")]
    public async Task Search_NarrowsByItsOptions(string expected, params string[] words)
    {
        var (code, output, error) = await HardenAsync(["search", .. words]);

        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith(expected == "1" ? First : Third, Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is no time. Give one such as 2026-01-31", "search", "--from", "yesterday")]
    [InlineData("is no status. Give one such as 403", "search", "--status", "999")]
    [InlineData("--to must be later than --from.", "export", "--from", "2026-02-01", "--to", "2026-01-01")]
    [InlineData("The log has no request with the id \"abc\".", "show", "abc")]
    [InlineData("Name its directory with --log", "tail", "--log", "/nonexistent/audit")]
    [InlineData("--bodies goes with --format jsonl or har", "export", "--format", "csv", "--bodies")]
    [InlineData("Name it with --body-key", "export", "--bodies", "--body-key", "/nonexistent/key")]
    public async Task WhatCannotBeMeant_IsOneSentence(string sentence, params string[] words)
    {
        var (code, output, error) = await HardenAsync(words);

        Assert.NotEqual(0, code);
        Assert.Equal("", output);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_IsReadableAndInert()
    {
        var first = (await HardenAsync("show", First)).Output;
        var third = (await HardenAsync("show", Third)).Output;

        Assert.Contains("\"display\": \"Ada <ada@example.com>\"", first, StringComparison.Ordinal);
        Assert.Contains("\"stage\": \"completion\"", first, StringComparison.Ordinal);
        Assert.Contains("\"/a\\u001b[31m\\u202e\\u009bz\"", third, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(third, static c => c != '\n' && (char.IsControl(c) || c is '\u202e'));
        Assert.Equal(first, (await HardenAsync("show", Second)).Output); // by its trace
    }

    [Fact]
    public async Task Csv_IsTextToASpreadsheet()
    {
        var lines = (await HardenAsync("export", "--format", "csv")).Output.Split("\r\n");

        Assert.StartsWith("time,state,requestId", lines[0], StringComparison.Ordinal);
        Assert.Contains(",\"'=cmd|'/c calc'!A1, \"\"x\"\"\",", lines[1], StringComparison.Ordinal);
        Assert.Contains(",Complete,", lines[2], StringComparison.Ordinal);
        Assert.Equal(["", ""], lines[3..].Append(""));
    }

    [Fact]
    public async Task Har_HasWhatTheFormatAsksFor()
    {
        using var har = JsonDocument.Parse((await HardenAsync("export", "--format", "har")).Output);

        var top = har.RootElement.GetProperty("log");
        Assert.Equal("1.2", top.GetProperty("version").GetString());
        Assert.False(string.IsNullOrEmpty(top.GetProperty("creator").GetProperty("version").GetString()));
        var entries = top.GetProperty("entries").EnumerateArray().ToArray();
        Assert.Equal(2, entries.Length);
        foreach (var entry in entries)
        {
            Assert.True(entry.GetProperty("startedDateTime").TryGetDateTimeOffset(out _));
            var times = entry.GetProperty("timings");
            Assert.Equal(entry.GetProperty("time").GetDouble(), times.GetProperty("send").GetDouble() + times.GetProperty("wait").GetDouble() + times.GetProperty("receive").GetDouble(), 3);
            Has(entry, "cache");
            Has(entry.GetProperty("request"), "method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize");
            Has(entry.GetProperty("response"), "status", "statusText", "httpVersion", "cookies", "headers", "redirectURL", "headersSize", "bodySize");
            Has(entry.GetProperty("response").GetProperty("content"), "size", "mimeType");
        }
        Assert.Equal("http://app.example.com:8080/orders/7?page=2", entries[1].GetProperty("request").GetProperty("url").GetString());
    }

    [Fact]
    public async Task Ocsf_HasWhatTheClassAsksFor()
    {
        var events = (await HardenAsync("export", "--format", "ocsf")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => JsonDocument.Parse(l).RootElement).ToArray();

        Assert.Equal(2, events.Length);
        foreach (var one in events)
        {
            Assert.Equal((4, 4002), (one.GetProperty("category_uid").GetInt32(), one.GetProperty("class_uid").GetInt32()));
            Assert.Equal(400200 + one.GetProperty("activity_id").GetInt32(), one.GetProperty("type_uid").GetInt32());
            Has(one, "severity_id", "time", "http_request", "http_response", "src_endpoint", "dst_endpoint", "disposition_id", "action_id", "status_id");
            Has(one.GetProperty("metadata"), "version", "profiles");
            Has(one.GetProperty("metadata").GetProperty("product"), "name", "vendor_name");
            Has(one.GetProperty("http_request").GetProperty("url"), "hostname", "path", "url_string");
            Has(one.GetProperty("http_response"), "code");
            Has(one.GetProperty("actor").GetProperty("user"), "name", "uid");
        }
        Assert.Equal((99, "Blocked", 2), (events[0].GetProperty("activity_id").GetInt32(), events[0].GetProperty("disposition").GetString(), events[0].GetProperty("status_id").GetInt32()));
        Assert.Equal((6, "Allowed", 1, "203.0.113.7"), (events[1].GetProperty("activity_id").GetInt32(), events[1].GetProperty("disposition").GetString(), events[1].GetProperty("status_id").GetInt32(),
            events[1].GetProperty("src_endpoint").GetProperty("ip").GetString()));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 9, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), events[1].GetProperty("time").GetInt64());
        Assert.Equal(8080, events[1].GetProperty("dst_endpoint").GetProperty("port").GetInt32());
    }

    [Fact]
    public async Task RefusalsThatAreCountedTogether_SayHowMany_InEveryFormat()
    {
        await File.AppendAllLinesAsync(Path.Combine(log.FullName, "000001-000001.jsonl"),
        [
            """{"v":1,"bootId":"b","seq":3,"stage":"denial","requestId":"00000000000000000000000000000004","time":"2026-01-31T11:00:10Z","source":{"client":"203.0.113.9"},"http":{"status":429},"decision":{"action":"limit","reason":"rate","limit":"default-address","more":41,"since":"2026-01-31T11:00:00Z"}}""",
        ]);
        async Task<string> Exported(string format) => (await HardenAsync("export", "--format", format, "--client", "203.0.113.9")).Output.Trim();

        Assert.EndsWith("  and 41 more since 11:00:00", (await HardenAsync("search", "--client", "203.0.113.9")).Output.TrimEnd(), StringComparison.Ordinal);
        Assert.EndsWith(",default-address,41", await Exported("csv"), StringComparison.Ordinal);
        var line = JsonDocument.Parse(await Exported("jsonl")).RootElement;
        Assert.Equal(("denial", 41), (line.GetProperty("stage").GetString(), line.GetProperty("decision").GetProperty("more").GetInt32()));
        Assert.False(line.TryGetProperty("actor", out _)); // what an entry doesn't say isn't there
        var one = JsonDocument.Parse(await Exported("ocsf")).RootElement;
        Assert.Equal((42, 10_000), (one.GetProperty("count").GetInt32(), one.GetProperty("end_time").GetInt64() - one.GetProperty("start_time").GetInt64()));
        Assert.Equal((0, "Unknown"), (one.GetProperty("activity_id").GetInt32(), one.GetProperty("activity_name").GetString())); // refused before it had a method
    }

    [Fact]
    public async Task VerifiedExport_SaysWhetherTheLogIsIntact()
    {
        var (code, output, error) = await HardenAsync("export", "--verify", "--limit", "1");

        Assert.Equal(1, code); // these lines have no checksums
        Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("the log is not intact. What is exported is what is there.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReaderThatLeaves_EndsTheExportQuietly()
    {
        await File.AppendAllLinesAsync(Path.Combine(log.FullName, "000001-000001.jsonl"), Enumerable.Range(3, 3000).Select(static n =>
            $$$"""{"v":1,"bootId":"b","seq":{{{n}}},"stage":"denial","requestId":"{{{n:x32}}}","time":"2026-01-31T09:00:00Z","http":{"path":"/{{{new string('x', 200)}}}"}}"""));
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", $"set -o pipefail; dotnet '{Path.Combine(AppContext.BaseDirectory, "harden.dll")}' audit export --log '{log.FullName}' | head -n 1"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var error = shell.StandardError.ReadToEndAsync(limit.Token);
        Assert.Single((await shell.StandardOutput.ReadToEndAsync(limit.Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await shell.WaitForExitAsync(limit.Token);

        Assert.Equal(("", 141), (await error, shell.ExitCode));
    }

    [Fact]
    public async Task CommandsThatShareAFile_WriteOneAfterTheOther()
    {
        var harden = $"dotnet '{Path.Combine(AppContext.BaseDirectory, "harden.dll")}' audit search --log '{log.FullName}'";
        var file = Path.Combine(log.FullName, "found.txt");
        using var shell = Process.Start("bash", ["-c", $"{{ {harden} --limit 0; echo between; {harden}; }} > '{file}'"]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await shell.WaitForExitAsync(limit.Token);

        var lines = await File.ReadAllLinesAsync(file);
        Assert.Equal(["between"], lines[2..3]);
        Assert.Equal(lines[..2], lines[3..]);
    }

    private static void Has(JsonElement element, params string[] members) => Assert.All(members, m => Assert.True(element.TryGetProperty(m, out _), m));

    private async Task<(int Code, string Output, string Error)> HardenAsync(params string[] words)
    {
        string[] where = words.Contains("--log") ? [] : ["--log", log.FullName];
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "harden.dll"), "audit", .. words, .. where]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, error);
    }
}
