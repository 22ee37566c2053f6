using System.Net;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Identity;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Console;

public sealed class RecordedBodiesTests
{
    private const string Attack = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\u001b[31m";
    private static readonly string[] Everything = ["Audit:Rules:0:Level=RequestResponse", "Audit:Rules:0:Bodies:JsonPointers:0=/**"];

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/html")]
    public async Task Body_IsShownAsText_AndTheLookIsOnRecord(string type)
    {
        await using var entra = await StartAsync(type);
        var id = await IdOfOneAsync(entra);
        using var reviewer = await entra.SignInAsync("reviewer");

        using var answer = await reviewer.NavigateAsync(new Uri(entra.Gateway.Console, $"/body/{id}/response").ToString());
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(-1, text.AsSpan().IndexOfAny('\u202e', '\u001b'));
        Assert.StartsWith("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var look = await entra.Gateway.RecordOf($"/body/{id}/response");
        Assert.Equal(($"{id}/response", "Rita Reviewer <rita@contoso.example>"), (look.Entry.Decision!.Target, look.Entry.Actor!.Display));
    }

    [Fact]
    public async Task Download_IsAnAttachmentThatNoBrowserRuns()
    {
        await using var entra = await StartAsync("text/html");
        var id = await IdOfOneAsync(entra);
        using var reviewer = await entra.SignInAsync("reviewer");

        using var answer = await reviewer.NavigateAsync(new Uri(entra.Gateway.Console, $"/body/{id}/response/download").ToString());

        Assert.Equal((HttpStatusCode.OK, "attachment", "application/octet-stream"), (answer.StatusCode, answer.Content.Headers.ContentDisposition!.DispositionType, answer.Content.Headers.ContentType!.MediaType));
        Assert.StartsWith("sandbox;", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("<script>alert(1)</script>", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal($"{id}/response", (await entra.Gateway.RecordOf($"/body/{id}/response/download")).Entry.Decision!.Target);
    }

    [Theory]
    [InlineData("admin", HttpStatusCode.Forbidden, "reviewer-role")]
    [InlineData("member", HttpStatusCode.Forbidden, "console-role")]
    public async Task WhoIsNoReviewer_SeesNoBody_AndTheAttemptIsOnRecord(string persona, HttpStatusCode status, string reason)
    {
        await using var entra = await StartAsync("text/html");
        var id = await IdOfOneAsync(entra);
        using var other = await entra.SignInAsync(persona);

        using var answer = await other.NavigateAsync(new Uri(entra.Gateway.Console, $"/body/{id}/response").ToString());

        Assert.Equal(status, answer.StatusCode);
        Assert.DoesNotContain("alert(1)", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(("deny", reason), ((await entra.Gateway.RecordOf($"/body/{id}/response")).Entry.Decision!.Action, (await entra.Gateway.RecordOf($"/body/{id}/response")).Entry.Decision!.Reason));
    }

    [Fact]
    public async Task LookAtAnEntry_IsOnRecordByItsId()
    {
        await using var entra = await StartAsync("application/json");
        var id = await IdOfOneAsync(entra);
        using var reviewer = await entra.SignInAsync("reviewer");

        using var answer = await reviewer.NavigateAsync(new Uri(entra.Gateway.Console, $"/record/{id}").ToString());

        Assert.Contains($"href=\"/body/{id}/response\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(id, (await entra.Gateway.RecordOf($"/record/{id}")).Entry.Decision!.Target);
    }

    [Theory]
    [InlineData("/body/ffffffffffffffffffffffffffffffff/response")]
    [InlineData("/body/ffffffffffffffffffffffffffffffff/other")]
    [InlineData("/body/short/request")]
    [InlineData("/body/ffffffffffffffffffffffffffffffff/request/x")]
    public async Task WhatIsNotThere_Is404(string path)
    {
        await using var console = await ConsoleUnderTest.StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await console.BrowseAsync(path)).Status);
    }

    private static Task<EntraUnderTest> StartAsync(string type) => EntraUnderTest.StartAsync(
        context =>
        {
            context.Response.ContentType = type;
            return context.Response.WriteAsync(type == "text/html" ? Attack : System.Text.Json.JsonSerializer.Serialize(new { note = Attack }));
        },
        null,
        [.. Everything, "Access:Default=SignedIn", "Access:Rules:0:Paths:0=/one", "Access:Rules:0:Allow=Anonymous"]);

    private static async Task<string> IdOfOneAsync(EntraUnderTest entra)
    {
        await entra.Gateway.Client.GetAsync("/one");
        return (await entra.Gateway.RecordOf("/one")).Entry.RequestId;
    }
}
