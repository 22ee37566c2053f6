using System.Net;
using System.Net.Http.Headers;
using Harden.Gateway.Tests.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests;

public sealed class AnswerTests
{
    [Theory]
    [InlineData(400, "3")]
    [InlineData(401, "16")]
    [InlineData(403, "7")]
    [InlineData(404, "12")]
    [InlineData(429, "8")]
    [InlineData(500, "13")]
    [InlineData(502, "14")]
    [InlineData(503, "14")]
    [InlineData(504, "14")]
    public async Task Grpc_ReadsItsStatusFromHeadersWithoutABody(int status, string code)
    {
        await using var app = await TracedApp.StartAsync(context => Answer.WriteAsync(context, status, "Title", "100 % für alle"), "Edge:Listen:0=h2c://127.0.0.1:0");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/package.Service/Method") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } };

        using var answer = await app.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/grpc", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(code, answer.Headers.GetValues("grpc-status").Single());
        Assert.StartsWith("Title. 100 %25 f%C3%BCr alle (reference ", answer.Headers.GetValues("grpc-message").Single(), StringComparison.Ordinal);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("text/html", "text/html")]
    [InlineData("*/*", "application/problem+json")]
    public async Task Head_HasTheHeadersOfAnAnswerAndNoBody(string accept, string type)
    {
        await using var app = await TracedApp.StartAsync(static context => Answer.WriteAsync(context, 403, "Title", "Detail"));
        using var request = new HttpRequestMessage(HttpMethod.Head, "/") { Headers = { { "Accept", accept } } };

        using var answer = await app.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Page_EncodesEverything_AndAllowsNothingButItsOwnStyle()
    {
        await using var app = await TracedApp.StartAsync(static context =>
        {
            RequestScope.Of(context).Subject = new() { Tenant = "t", ObjectId = "o", Name = "<script>alert(1)</script>", Scheme = "session" };
            return Answer.WriteAsync(context, 403, "<b>Title", "Detail \"<img src=x>");
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/html" } } };

        using var answer = await app.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", text, StringComparison.Ordinal);
        Assert.Contains(answer.Headers.GetValues("X-Harden-Trace").Single(), text, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }
}
