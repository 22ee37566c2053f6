using System.Net;
using System.Net.Sockets;
using System.Text;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Edge;

public sealed class EdgeTests
{
    [Theory]
    [InlineData("X-Harden-User")]
    [InlineData("x_harden_user")]
    [InlineData("X-HARDEN_Roles")]
    [InlineData("X-Forwarded-User")]
    [InlineData("X_Forwarded_User")]
    [InlineData("X.Harden.User")]
    [InlineData("x!harden~roles")]
    [InlineData("Content_Length")]
    [InlineData("Transfer_Encoding")]
    [InlineData("X-Forwarded-Prefix")]
    [InlineData("X-Forwarded-Uri")]
    [InlineData("X-Forwarded-Port")]
    [InlineData("Forwarded")]
    [InlineData("X-Original-URL")]
    [InlineData("X-Rewrite-URL")]
    [InlineData("X-MS-CLIENT-PRINCIPAL")]
    [InlineData("X-MS-CLIENT-PRINCIPAL-NAME")]
    [InlineData("X-Real-IP")]
    [InlineData("Remote-User")]
    [InlineData("REMOTE_USER")]
    [InlineData("X-Remote-Group")]
    [InlineData("X-Remote-Extra-Scopes")]
    [InlineData("X-WEBAUTH-USER")]
    [InlineData("X-Amzn-Oidc-Data")]
    [InlineData("X-Appengine-User-Email")]
    [InlineData("Tailscale-User-Login")]
    [InlineData("OIDC_CLAIM_sub")]
    [InlineData("X-Pomerium-Claim-Email")]
    [InlineData("x-middleware-subrequest")]
    [InlineData("x-invoke-path")]
    [InlineData("SCRIPT_NAME")]
    [InlineData("Script-Name")]
    [InlineData("PATH_INFO")]
    [InlineData("X-Script-Name")]
    [InlineData("X-Scheme")]
    [InlineData("X-Original-Forwarded-For")]
    [InlineData("X-Forward-For")]
    [InlineData("X-Forwarded")]
    [InlineData("X-Auth-Username")]
    [InlineData("X-Vouch-User")]
    [InlineData("X-Consumer-Username")]
    [InlineData("SSL_CLIENT_S_DN")]
    public async Task HeaderThatOnlyHardenMaySet_NeverArrives(string name)
    {
        const string forged = "forged-by-the-client";
        await using var prototype = await TestPrototype.StartAsync(static context =>
            context.Response.WriteAsync(string.Join('\n', context.Request.Headers.Select(static h => $"{h.Key}: {h.Value}"))));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation(name, forged);

        using var answer = await gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain(forged, await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("//admin/x")]
    [InlineData("/admin%2fx")]
    [InlineData("/admin;a=b/x")]
    [InlineData("/admin%20/x")]
    [InlineData("/admin./x")]
    [InlineData("/public/..;/admin")]
    [InlineData("/public/..%2fadmin")]
    [InlineData("/public/../admin")]
    [InlineData("/public/%2e%2e/admin")]
    [InlineData("/%5c..%5cadmin")]
    [InlineData("/ADMIN/x")]
    [InlineData("/admin?x=/public")]
    [InlineData("/admin/")]
    [InlineData("/admin//x")]
    [InlineData("http://localhost/admin")]
    public async Task ClosedPath_IsNotReachedByAnySpelling(string target)
    {
        var reached = 0;
        await using var prototype = await TestPrototype.StartAsync(context =>
        {
            Interlocked.Increment(ref reached);
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address,
            "Access:Rules:0:Paths:0=/admin/**", "Access:Rules:0:Allow=Nobody", "Access:Rules:1:Paths:0=/**", "Access:Rules:1:Allow=Anonymous");

        var status = await RawAsync(gateway.Address, $"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Forwarded-Uri: /public\r\n\r\n");

        Assert.Contains(status, new[] { "400", "403" });
        Assert.Equal(0, reached);
    }

    [Fact]
    public async Task ForwardedAddress_IsBelievedFromNamedProxiesOnly()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        string[] rules = ["Access:Rules:0:Networks:0=203.0.113.0/24", "Access:Rules:0:Allow=Anonymous", "Access:Default=Nobody"];
        await using var open = await GatewayUnderTest.StartAsync(prototype.Address, rules);
        await using var behindProxy = await GatewayUnderTest.StartAsync(prototype.Address, [.. rules, "Edge:TrustedProxies:0=127.0.0.1"]);

        Assert.Equal(HttpStatusCode.Forbidden, await WithForwardedFor(open, "203.0.113.9"));
        Assert.Equal(HttpStatusCode.OK, await WithForwardedFor(behindProxy, "203.0.113.9"));
        Assert.Equal(HttpStatusCode.OK, await WithForwardedFor(behindProxy, "198.51.100.1, 203.0.113.9, 127.0.0.1"));
        Assert.Equal(HttpStatusCode.Forbidden, await WithForwardedFor(behindProxy, "203.0.113.9, 198.51.100.1"));
        Assert.Equal(HttpStatusCode.Forbidden, await WithForwardedFor(behindProxy, "203.0.113.9, garbage"));
    }

    [Theory]
    [InlineData("app.test", "app.test")]
    [InlineData("client.test, app.test:8443", "app.test:8443")]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    [InlineData("[2001:db8::1]:443", "[2001:db8::1]:443")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("evil/..", null)]
    [InlineData("a b", null)]
    [InlineData("a@b", null)]
    [InlineData("[::1", null)]
    [InlineData("::1", null)]
    [InlineData("app.test:99999", null)]
    [InlineData(":80", null)]
    [InlineData("..", null)]
    public async Task HostThatAProxyForwards_IsAHostOrRefused(string forwarded, string? host)
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync(context.Request.Headers.Host.ToString()));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Edge:TrustedProxies:0=127.0.0.1");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/host") { Headers = { { "X-Forwarded-Host", forwarded } } };

        using var answer = await gateway.Client.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();

        Assert.Equal(host is null ? HttpStatusCode.BadRequest : HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(host ?? "X-Forwarded-Host names no host.", body, StringComparison.Ordinal);
        Assert.Equal(host is null ? "refuse" : "forward", (await gateway.RecordOf("/host")).Entry.Decision!.Action);
    }

    [Theory]
    [InlineData("TRACE", HttpStatusCode.MethodNotAllowed)]
    [InlineData("PROPFIND", HttpStatusCode.OK)]
    public async Task Methods_PassUnlessTheyEchoCredentials(string method, HttpStatusCode expected)
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        using var request = new HttpRequestMessage(new(method), "/");

        using var answer = await gateway.Client.SendAsync(request);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData("tracker.example.com", HttpStatusCode.OK)]
    [InlineData("TRACKER.example.com:8443", HttpStatusCode.OK)]
    [InlineData("a.apps.example.com", HttpStatusCode.OK)]
    [InlineData("apps.example.com", HttpStatusCode.BadRequest)]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    public async Task NamedHosts_AreTheOnlyOnesServed(string host, HttpStatusCode expected)
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Edge:Hosts:0=tracker.example.com", "Edge:Hosts:1=*.apps.example.com");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Host = host;

        using var answer = await gateway.Client.SendAsync(request);

        Assert.Equal(expected, answer.StatusCode);
    }

    private static async Task<HttpStatusCode> WithForwardedFor(GatewayUnderTest gateway, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", value);
        using var answer = await gateway.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<string> RawAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return (await reader.ReadToEndAsync()).Split(' ')[1];
    }
}
