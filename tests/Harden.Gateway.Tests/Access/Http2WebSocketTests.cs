using System.Net;
using System.Net.WebSockets;
using Harden.Gateway.Tests.Identity;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Access;

/// <summary>WebSockets over HTTP/2 are opened by CONNECT (RFC 8441), and are what they are over HTTP/1.1 all the same.</summary>
public sealed class Http2WebSocketTests
{
    [Fact]
    public async Task Handshake_IsDecidedByTheRuleForGet_AndMustComeFromTheAppsOwnOrigin()
    {
        await using var test = await EntraUnderTest.StartAsync("Edge:Listen:0=http://127.0.0.1:0", "Edge:Listen:1=h2c://127.0.0.1:0",
            "Access:Rules:0:Paths:0=/admin/**", "Access:Rules:0:Methods:0=GET", "Access:Rules:0:Roles:0=Admin", "Access:Rules:1:Paths:0=/**");
        using var browser = await test.SignInAsync("member");
        var h2c = new Uri(test.Gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(1));

        async Task<HttpStatusCode> Status(string path, string origin)
        {
            using var invoker = new HttpMessageInvoker(Proxy.ProtocolMatrix.Handler());
            using var socket = new ClientWebSocket();
            socket.Options.HttpVersion = HttpVersion.Version20;
            socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.SetRequestHeader("Cookie", $"__Host-harden={browser.Cookies["__Host-harden"].Value}");
            socket.Options.SetRequestHeader("Origin", origin);
            // The prototype speaks no WebSocket, so a handshake that reached it fails there.
            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new UriBuilder(h2c) { Scheme = "ws", Path = path }.Uri, invoker, default));
            return socket.HttpStatusCode;
        }

        var own = h2c.GetLeftPart(UriPartial.Authority);
        Assert.Equal(HttpStatusCode.Forbidden, await Status("/admin/x", own));
        Assert.Equal(HttpStatusCode.Forbidden, await Status("/x", "https://evil.example"));
        Assert.NotEqual(HttpStatusCode.Forbidden, await Status("/x", own));
    }
}
