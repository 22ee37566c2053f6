using Harden.Gateway.Proxy;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>Harden's identity goes in, Harden's cookies stay out.</summary>
public sealed class IdentityAndCookiesTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static readonly Subject Ada = Called("Ada \u00dcber 100%", "Tracker.Editor", "a,b");

    [Fact]
    public async Task Subject_ArrivesInHeaders_WhateverConnectionNominates()
    {
        var head = await HeadAsync(Ada, "Connection: close, X-Harden-User, X-Harden-Roles, X-Harden-Name, X-Harden-Email\r\n");

        Assert.Contains("\r\nX-Harden-User: o-1\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Harden-Name: Ada %C3%9Cber 100%25\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Harden-Email: ada@example.com\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Harden-Roles: Tracker.Editor,a%2Cb\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SubjectWithoutRoles_HasNoRolesHeader() =>
        Assert.DoesNotContain("X-Harden-Roles", await HeadAsync(Called("Ada"), "Connection: close\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task ControlCharactersInAName_CantForgeAHeader()
    {
        var head = await HeadAsync(Called("a\r\nX-Harden-Roles: admin\0\t"), "Connection: close\r\n");

        Assert.Contains("\r\nX-Harden-Name: a%0D%0AX-Harden-Roles: admin%00%09\r\n", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a=1; __Host-harden=x; b=2", "a=1; b=2")]
    [InlineData("__Host-harden=x; a=1", "a=1")]
    [InlineData("a=1;b=2;__host-HARDEN-0=x;__Host-harden-1=y", "a=1;b=2")]
    [InlineData("a=\"q; r\";  b = 2 ;c", "a=\"q; r\";  b = 2 ;c")]
    [InlineData("a=1;\t__Host-harden.x=1 ; b=%5F", "a=1; b=%5F")]
    [InlineData("\"__Host-harden\"=x; a=\u00e9", "a=\u00e9")]
    [InlineData("__Host-other=1; x__Host-harden=2", "__Host-other=1; x__Host-harden=2")]
    [InlineData("a=__Host-harden", "a=__Host-harden")]
    public async Task Cookies_OfHarden_AreCutOutAndAllOthersStay(string sent, string arrives) =>
        Assert.Contains($"\r\nCookie: {arrives}\r\n", await HeadAsync(null, $"Cookie: {sent}\r\nConnection: close\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task Cookies_OfHardenAlone_LeaveNoHeader() =>
        Assert.DoesNotContain("Cookie", await HeadAsync(null, "Cookie: __Host-harden=x\r\nCookie: __Host-hardenC1=y; __Host-harden-2=z\r\nConnection: close\r\n"), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public async Task Cookies_InSeveralHeaders_AreAllLookedAt() =>
        Assert.Contains("\r\nCookie: a=1; b=2; c=3\r\n", await HeadAsync(null, "Cookie: a=1\r\nCookie: __Host-harden=x; b=2\r\nCookie: c=3\r\nConnection: close\r\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("__Host-harden=x; Path=/", true)]
    [InlineData(" __HOST-Harden-3=x", true)]
    [InlineData("=__Host-harden=x; Path=/", true)]
    [InlineData("\t= __Host-harden=x", true)]
    [InlineData("__Host-mine=x", false)]
    [InlineData("harden=x", false)]
    public void SetCookie_OfHarden_IsRecognised(string cookie, bool harden) => Assert.Equal(harden, HardenCookies.Sets(cookie));

    private static Subject Called(string name, params string[] roles) => new()
    {
        Tenant = "t", ObjectId = "o-1", Name = name, Email = "ada@example.com", Roles = roles, Scheme = "session",
    };

    private static async Task<string> HeadAsync(Subject? subject, string headers)
    {
        await using var prototype = RawPrototype.Answering(Ok);
        await using var proxy = await ProxyAlone.StartAsync(prototype.Address, subject);
        await RawClient.ExchangeAsync(proxy.Address, $"GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
        return Assert.Single(prototype.Heads);
    }
}
