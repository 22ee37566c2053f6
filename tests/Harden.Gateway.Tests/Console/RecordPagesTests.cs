using System.Net;
using System.Text.RegularExpressions;

namespace Harden.Gateway.Tests.Console;

public sealed partial class RecordPagesTests
{
    [Fact]
    public async Task List_ShowsNewestFirst_AndLinksToEachRequest()
    {
        await using var console = await ConsoleUnderTest.StartAsync(static _ => { }, [Lines.One(1, "/first"), Lines.One(2, "/second")]);

        var text = (await console.BrowseAsync("/record")).Text;

        Assert.True(text.IndexOf("/second", StringComparison.Ordinal) < text.IndexOf("/first", StringComparison.Ordinal));
        Assert.Contains($"href=\"/record/{Lines.Id(2)}\"", text, StringComparison.Ordinal);
        Assert.Contains("2026-03-01 12:00:02", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("q=%2Fsecond", "/second")]
    [InlineData("q=grace", "/third")]
    [InlineData("status=2", "/second")]
    [InlineData("decision=limit", "/third")]
    [InlineData("from=2026-03-01T12:00:02&to=2026-03-01T12:00:03", "/second")]
    public async Task Filter_KeepsWhatMatches(string query, string only)
    {
        await using var console = await ConsoleUnderTest.StartAsync(static _ => { },
            [Lines.One(1, "/first"), Lines.One(2, "/second", 200, "forward", "rule"), Lines.One(3, "/third", 429, "limit", "rate", "Grace")]);

        var text = (await console.BrowseAsync("/record?" + query)).Text;

        Assert.Equal([only], Paths().Matches(text).Select(static m => m.Groups[1].Value));
    }

    [Theory]
    [InlineData("from=yesterday", "Give a time such as")]
    [InlineData("status=9", "Choose one of the listed kinds")]
    [InlineData("decision=x", "Choose one of the listed decisions")]
    [InlineData("from=2026-03-02T00:00&to=2026-03-01T00:00", "The end must be later")]
    public async Task FilterThatCannotBeRead_Is400AndSaysWhatToDo(string query, string mend)
    {
        await using var console = await ConsoleUnderTest.StartAsync();

        var (status, text, _) = await console.BrowseAsync("/record?" + query);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(mend, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_CoverEveryRequestOnce()
    {
        await using var console = await ConsoleUnderTest.StartAsync(static _ => { }, Enumerable.Range(1, 120).Select(static n => Lines.One(n, $"/p{n}")));

        List<string> seen = [];
        for (var next = "/record?decision=deny"; next.Length > 0;)
        {
            var text = (await console.BrowseAsync(next)).Text;
            seen.AddRange(Paths().Matches(text).Select(static m => m.Groups[1].Value));
            next = WebUtility.HtmlDecode(Older().Match(text).Groups[1].Value);
        }

        Assert.Equal(Enumerable.Range(1, 120).Reverse().Select(static n => $"/p{n}"), seen);
    }

    [Fact]
    public async Task RequestsForTheConsoleItself_AreHiddenUnlessAskedFor()
    {
        await using var console = await ConsoleUnderTest.StartAsync(static _ => { },
            [Lines.One(1, "/record", 200, "answer", "console"), Lines.One(2, "/.harden/health/ready", 200, "answer", "health"), Lines.One(3, "/.harden/nothing", 404, "answer", "no-such-endpoint")]);

        Assert.Single(Paths().Matches((await console.BrowseAsync("/record")).Text));
        Assert.Equal(3, Paths().Count((await console.BrowseAsync("/record?own=1")).Text));
    }

    [Theory]
    [InlineData("0195")]
    [InlineData("abcd")]
    public async Task Entry_IsFoundByRequestIdAndByTraceId(string prefix)
    {
        await using var console = await ConsoleUnderTest.StartAsync(static _ => { }, [Lines.Intent(1, "/orders/7"), Lines.Completion(1, 2)]);

        var (status, text, _) = await console.BrowseAsync($"/record/{prefix}{1:x28}");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("/orders/7", text, StringComparison.Ordinal);
        Assert.Contains("12,345 bytes, complete, counted, not kept", text, StringComparison.Ordinal);
        Assert.Contains("1.5 ms", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TraceOfSeveralRequests_ListsThem()
    {
        await using var console = await ConsoleUnderTest.StartAsync(static _ => { }, [Lines.One(1, "/a", trace: Lines.Trace(9)), Lines.One(2, "/b", trace: Lines.Trace(9))]);

        Assert.Equal(["/b", "/a"], Paths().Matches((await console.BrowseAsync($"/record/{Lines.Trace(9)}")).Text).Select(static m => m.Groups[1].Value));
    }

    [Fact]
    public async Task UnfinishedRequest_IsShownAsInterrupted()
    {
        await using var console = await ConsoleUnderTest.StartAsync(static _ => { }, [Lines.Intent(1)]);

        Assert.Contains("interrupted", (await console.BrowseAsync("/record")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownId_Is404AndExplains()
    {
        await using var console = await ConsoleUnderTest.StartAsync(static _ => { }, [Lines.One(1)]);

        var (status, text, _) = await console.BrowseAsync("/record/ffffffffffffffffffffffffffffffff");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("No request has this id", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatTheLogSaysOfItself_HasAPageOfItsOwn()
    {
        await using var console = await ConsoleUnderTest.StartAsync(static _ => { },
            [Lines.Notice(0, "torn-tail", "The end was <torn>.", "boot"), Lines.One(1), .. Enumerable.Range(2, 50).Select(static n => Lines.Notice(n, "lost", $"Loss {n}.", "gap"))]);

        var newest = (await console.BrowseAsync("/events")).Text;
        var older = (await console.BrowseAsync(WebUtility.HtmlDecode(Older().Match(newest).Groups[1].Value))).Text;

        Assert.Contains("Loss 51.", newest, StringComparison.Ordinal);
        Assert.DoesNotContain("torn-tail", newest, StringComparison.Ordinal);
        Assert.Contains("The end was &lt;torn&gt;.", older, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/record?before=x")]
    [InlineData("/events?before=x")]
    public async Task AddressOfNoPage_Is400(string path)
    {
        await using var console = await ConsoleUnderTest.StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await console.BrowseAsync(path)).Status);
    }

    [Fact]
    public async Task EmptyRecord_Explains()
    {
        await using var console = await ConsoleUnderTest.StartAsync();

        Assert.Contains("Nothing is on record yet", (await console.BrowseAsync("/record")).Text, StringComparison.Ordinal);
        Assert.Contains("Nothing is on record yet", (await console.BrowseAsync("/")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/record")]
    [InlineData("/record/0195" + "0000000000000000000000000001")]
    [InlineData("/record?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")]
    [InlineData("/")]
    public async Task WhatAClientWrote_IsNeverMarkup(string path)
    {
        const string attack = "/\"><script>alert(1)</script><img src=x onerror=alert(1)>'\u202e\u2028\u0000\u001b[31m";
        await using var console = await ConsoleUnderTest.StartAsync(static _ => { },
            [Lines.One(1, attack, display: attack, reason: attack, agent: attack)]);

        var (_, text, answer) = await console.BrowseAsync(path);

        Assert.DoesNotContain("<script", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Ada <b>", text, StringComparison.Ordinal);
        Assert.Equal(-1, text.AsSpan().IndexOfAny('\u202e', '\u2028', '\u0000'));
        Assert.DoesNotContain('\u001b', text);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [GeneratedRegex("<span class=\"method\">GET</span> <bdi>([^<]*)</bdi></a>")]
    private static partial Regex Paths();

    [GeneratedRegex("<a href=\"([^\"]*)\" rel=\"next\">")]
    private static partial Regex Older();
}
