using System.Text;
using Harden.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Audit;

public sealed class AuditInjectionTests
{
    [Theory]
    [InlineData("/a%0d%0a{\"forged\":1}", "")]
    [InlineData("/a%00b", "")]
    [InlineData("/a%E2%80%A8b", "")]
    [InlineData("/a%1b[31mred", "")]
    [InlineData("/a%ff%fe", "")]
    [InlineData("/ok", "User-Agent: a\u001b[31mred")]
    [InlineData("/ok", "User-Agent: \u00e2\u0080\u00a8 line separator")]
    [InlineData("/ok", "User-Agent: \u00ff\u00fe not UTF-8")]
    [InlineData("/ok", "User-Agent: </script><img src=x onerror=alert(1)>\",\"stage\":\"forged")]
    [InlineData("/ok?q=%0a%0d&page=%E2%80%A8%00", "Referer: http://a/\u00e2\u0080\u00a9?x=\u00ff")]
    [InlineData("/ok", "Accept-Language: \ud800")]
    public async Task HostileBytes_AreOneInertLine(string target, string header)
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        await RawRequest.SendAsync(gateway.Address, $"GET {target} HTTP/1.1\r\nHost: app\r\nConnection: close\r\n{header}{(header.Length > 0 ? "\r\n" : "")}\r\n");
        await gateway.Client.GetAsync("/marker");
        await gateway.RecordOf("/marker");

        var bytes = Encoding.Latin1.GetBytes(string.Concat(Directory.GetFiles(Path.Combine(gateway.State, "audit"), "*.jsonl").Select(Recorded.Read)));
        Assert.All(bytes, static b => Assert.True(b is (byte)'\n' or (>= 0x20 and < 0x7f)));
        var lines = Encoding.ASCII.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, static line => Assert.True(EntryFrame.IsWhole(Encoding.ASCII.GetBytes(line))));
        var entries = lines.Select(static line => AuditEntry.TryParse(Encoding.ASCII.GetBytes(line))!).ToArray();
        Assert.All(entries, static e => Assert.NotNull(e));
        Assert.DoesNotContain("<", Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
        Assert.InRange(entries.Length, 3, 5); // boot, perhaps the hostile one (Kestrel refuses some before any stage), the marker
        Assert.Equal(Enumerable.Range(0, entries.Length).Select(static i => (long)i), entries.Select(static e => e.Seq));
    }

    [Theory]
    [InlineData("application/json", "{\"a\":\"\\u000d\\u000a{\\\"forged\\\":1}\",\"\\u2028\\u0000\":\"\u001b[31m\"}")]
    [InlineData("application/json\u00ff", "{}")]
    [InlineData("application/x-www-form-urlencoded", "a=%0d%0a%7b%22stage%22&b%00=%ff%fe")]
    [InlineData("text/plain", "\r\n{\"stage\":\"denial\"}\r\n\u0000\u00ff\u001b")]
    public async Task HostileBody_LeavesEveryLineInert(string type, string body)
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Request.Body.CopyToAsync(context.Response.Body));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Audit:Rules:0:Level=RequestResponse", "Audit:Rules:0:Bodies:JsonPointers:0=/**");

        await RawRequest.SendAsync(gateway.Address, $"POST /hostile HTTP/1.1\r\nHost: app\r\nConnection: close\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        await gateway.RecordOf("/hostile");

        var bytes = Encoding.Latin1.GetBytes(string.Concat(Directory.GetFiles(Path.Combine(gateway.State, "audit"), "*.jsonl").Select(Recorded.Read)));
        Assert.All(bytes, static b => Assert.True(b is (byte)'\n' or (>= 0x20 and < 0x7f)));
        Assert.Equal(3, Encoding.ASCII.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(static line => AuditEntry.TryParse(Encoding.ASCII.GetBytes(line)) is not null));
    }

    [Fact]
    public async Task Utf8InAHeader_IsReadAsText()
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        var utf8 = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("Müller ☃"));

        await RawRequest.SendAsync(gateway.Address, $"GET /utf8 HTTP/1.1\r\nHost: app\r\nConnection: close\r\nUser-Agent: {utf8}\r\n\r\n");

        Assert.Equal("Müller ☃", (await gateway.RecordOf("/utf8")).Entry.Source!.UserAgent);
    }

    [Fact]
    public async Task EverythingTooLong_StillFitsOneEntry()
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        var wide = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(new string('☃', 3000)));
        var headers = string.Concat(new[] { "User-Agent", "Referer", "Accept-Language", "Origin", "Range" }.Select(name => $"{name}: {wide}\r\n"));

        await RawRequest.SendAsync(gateway.Address, $"GET /long{string.Concat(Enumerable.Repeat("%E2%98%83", 1000))}?page={new string('1', 4000)} HTTP/1.1\r\nHost: app\r\nConnection: close\r\n{headers}\r\n");

        await gateway.RecordOf("/long");
        Assert.All(File.ReadAllLines(Directory.GetFiles(Path.Combine(gateway.State, "audit"), "*.jsonl")[0]), static line => Assert.InRange(line.Length, 1, EntryFrame.MaxLine));
    }
}
