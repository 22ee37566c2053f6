using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Audit;

public sealed class AuditCanaryTests
{
    private const string Canary = "Canary7Secret9Value";
    private const string Token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJDYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ";

    public static TheoryData<string> Requests => new()
    {
        $"GET /a?token={Canary} HTTP/1.1\r\n",
        $"GET /a?{Canary}1234=1 HTTP/1.1\r\n",
        $"GET /a?page={Token} HTTP/1.1\r\n",
        $"GET /a?page=%65%79JhbGciOiJSUzI1NiJ9.eyJzdWIiOiJDYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ HTTP/1.1\r\n",
        $"GET /reset/{Token} HTTP/1.1\r\n",
        $"GET /closed/%2f?token={Canary} HTTP/1.1\r\n",
        $"GET /a HTTP/1.1\r\nCookie: session={Canary}\r\n",
        $"GET /a HTTP/1.1\r\nAuthorization: Bearer {Canary}\r\n",
        $"GET /a HTTP/1.1\r\nX-Api-Key: {Canary}\r\n",
        $"GET /a HTTP/1.1\r\nX-{Canary}: 1\r\n",
        $"GET /a HTTP/1.1\r\nReferer: https://app/login?code={Canary}\r\n",
        $"GET /a HTTP/1.1\r\nReferer: https://user:{Canary}@app/x#access_token={Canary}\r\n",
        $"GET /a HTTP/1.1\r\nUser-Agent: tool/1 {Token}\r\n",
        $"GET http://{Token}/a HTTP/1.1\r\n",
        $"{Token} /a HTTP/1.1\r\n",
        $"GET /redirect?to={Canary} HTTP/1.1\r\n",
        $"POST /a HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {Canary.Length + 9}\r\n\r\npassword={Canary}",
        $"POST /a HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {(2 * Canary.Length) + 7}\r\n\r\n{{\"{Canary}\":\"{Canary}\"}}",
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task SecretInARequest_IsInNoFileOfTheLog(string request)
    {
        await using var prototype = await TestPrototype.StartAsync(static context =>
        {
            if (context.Request.Path == "/redirect")
                context.Response.Redirect($"https://other/callback?code={Canary}#id_token={Token}");
            context.Response.Headers.SetCookie = $"session={Canary}";
            context.Response.Headers["X-Answer"] = Canary;
            return context.Response.WriteAsync($"the secret is {Canary}");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        var head = request.IndexOf("\r\n", StringComparison.Ordinal) + 2;

        var answer = await RawRequest.SendAsync(gateway.Address, request.Insert(head, "Host: app\r\nConnection: close\r\n") + (request.Contains("\r\n\r\n", StringComparison.Ordinal) ? "" : "\r\n"));
        await gateway.Client.GetAsync("/marker");
        await gateway.RecordOf("/marker");

        Assert.StartsWith("HTTP/1.1 ", answer, StringComparison.Ordinal);
        var everything = Recorded.AllText(Path.Combine(gateway.State, "audit"));
        Assert.Contains("\"completion\"", everything, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, everything, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("c2lnbmF0dXJlLWNhbmFyeQ", everything, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/invoices/0197a3f2-6f0c-7d64-9d1b-2f6f5a0c8e11", true)]
    [InlineData("/a-long-blog-post-title-about-nothing-in-particular-2026", true)]
    [InlineData("/reset/Zk9xV2h1c3RqS0x2bW5PcHFyU3R1Vnd4", false)]
    [InlineData("/pay/4111111111111111", false)]
    [InlineData("/order/4111111111111112", true)]
    [InlineData("/hook/ghp_abcdefghijklmnopqrstuvwx1234567890", false)]
    public async Task PathSegment_IsRecordedUnlessItLooksLikeACredential(string path, bool recorded)
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        await gateway.Client.GetAsync(path);
        var view = await gateway.RecordOf(path.Split('/')[1] is { Length: < 20 } first ? $"/{first}" : path);

        Assert.Equal(recorded, view.Entry.Http!.Path == path);
        Assert.Equal(recorded, view.Entry.Redactions.Count == 0);
    }
}
