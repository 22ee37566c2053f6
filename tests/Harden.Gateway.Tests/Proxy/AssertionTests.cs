using System.Net;
using System.Text;
using System.Text.Json;
using Harden.Gateway.Tests.Differencing;
using Harden.Gateway.Tests.Identity;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>The signed statement of who asks, its keys, and the header families of other products.</summary>
public sealed class AssertionTests : IDisposable
{
    private static readonly Subject Ada = new()
    {
        Tenant = "11111111-1111-4111-8111-111111111111", ObjectId = "22222222-2222-4222-8222-222222222222", Name = "Ada Über", Email = "ada@example.com",
        Roles = ["Editor", "a,b"], Groups = ["g-1", "g-2"], Scheme = "session",
    };

    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("harden-assertion-");

    public void Dispose() => state.Delete(recursive: true);

    [Theory]
    [InlineData("verify-assertion")]
    [InlineData("verify-assertion in Python")]
    public async Task Examples_BelieveTheGatewayAndNobodyElse(string example)
    {
        await using var keys = await ProxyAlone.StartWithAsync(new("http://127.0.0.1:1"), null, state.FullName, null);
        await using var app = await ExampleProcess.StartAsync(example, Path.Combine(Repository.Root, "examples", "verify-assertion"), ("JWKS_URL", $"{keys.Address}.harden/jwks.json"));
        await using var proxy = await ProxyAlone.StartWithAsync(app.Address, Ada, state.FullName, null, "Prototype:Name=verify-assertion");
        await using var otherApp = await ProxyAlone.StartWithAsync(app.Address, Ada, state.FullName, null, "Prototype:Name=other-app");
        await using var otherKeys = await ProxyAlone.StartAsync(app.Address, Ada, "Prototype:Name=verify-assertion");
        using var client = new HttpClient();

        Assert.Equal("Hello Ada Über, signed in by session, roles: Editor a,b\n", await client.GetStringAsync(proxy.Address));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(otherApp.Address)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(otherKeys.Address)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(app.Address)).StatusCode);
    }

    [Fact]
    public async Task Assertion_SaysWhoWhereAndForHowLong()
    {
        var time = new ManualTime(stands: true);
        await using var prototype = await EchoAsync();
        await using var proxy = await ProxyAlone.StartWithAsync(prototype.Address, Ada, state.FullName, time, "Prototype:Name=tracker");
        using var client = new HttpClient();

        var first = await client.GetStringAsync(proxy.Address);
        var again = await client.GetStringAsync(proxy.Address);
        time.Advance(TimeSpan.FromSeconds(31));
        var later = await client.GetStringAsync(proxy.Address);

        Assert.Equal(first, again); // signing is far dearer than everything else of a request
        Assert.NotEqual(first, later);
        using var claims = JsonDocument.Parse(Convert.FromBase64String(Pad(first.Split('.')[1])));
        var root = claims.RootElement;
        Assert.Equal("harden", root.GetProperty("iss").GetString());
        Assert.Equal("tracker", root.GetProperty("aud").GetString());
        Assert.Equal(Ada.Key, root.GetProperty("sub").GetString());
        Assert.Equal(60, root.GetProperty("exp").GetInt64() - root.GetProperty("iat").GetInt64());
        Assert.InRange(time.GetUtcNow().ToUnixTimeSeconds() - root.GetProperty("iat").GetInt64(), 30, 40);
        Assert.Equal(["Editor", "a,b"], root.GetProperty("roles").EnumerateArray().Select(static role => role.GetString()!));
    }

    [Fact]
    public async Task NewKey_IsShownBeforeItSigns_AndTheOldOneAfterwards()
    {
        var time = new ManualTime();
        await using var prototype = await EchoAsync();
        await using var proxy = await ProxyAlone.StartWithAsync(prototype.Address, Ada, state.FullName, time, "Prototype:Identity:AssertionKeyLifetime=01:00:00");
        using var client = new HttpClient();
        async Task<(string Signs, string[] Shown)> LookAsync() =>
            (Kid(await client.GetStringAsync(proxy.Address)), await ShownAsync(client, proxy.Address));

        var (old, shownFirst) = await LookAsync();
        time.Advance(TimeSpan.FromMinutes(61));
        var (still, shownBefore) = await LookAsync();
        time.Advance(TimeSpan.FromMinutes(11));
        var (fresh, shownAfter) = await LookAsync();
        time.Advance(TimeSpan.FromMinutes(11));
        var (same, shownLast) = await LookAsync();

        Assert.Equal([old], shownFirst);
        Assert.Equal(old, still);
        Assert.Equal(2, shownBefore.Length);
        Assert.Contains(fresh, shownBefore);
        Assert.NotEqual(old, fresh);
        Assert.Contains(old, shownAfter);
        Assert.Equal(fresh, same);
        Assert.Equal([fresh], shownLast);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(state.FullName, "assertion-keys")));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Restart_KeepsTheKey()
    {
        using var client = new HttpClient();
        string[] before, after;
        await using (var proxy = await ProxyAlone.StartWithAsync(new("http://127.0.0.1:1"), null, state.FullName, null))
            before = await ShownAsync(client, proxy.Address);
        await using (var proxy = await ProxyAlone.StartWithAsync(new("http://127.0.0.1:1"), null, state.FullName, null))
            after = await ShownAsync(client, proxy.Address);

        Assert.Equal(before, after);
    }

    [Fact]
    public async Task Replicas_ShowOneAnothersKeys()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await ProxyAlone.StartAsync(new("http://127.0.0.1:1"), null, $"ConnectionStrings:redis={redis.ConnectionString}");
        await using var two = await ProxyAlone.StartAsync(new("http://127.0.0.1:1"), null, $"ConnectionStrings:redis={redis.ConnectionString}");
        using var client = new HttpClient();
        using var intruder = await redis.ConnectAsync();
        await intruder.GetDatabase().HashSetAsync("harden:prototype:assertion-keys", "theirs", """{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"theirs","use":"sig","alg":"ES256"}""");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        string[] first, second;
        do
        {
            await Task.Delay(100, limit.Token);
            (first, second) = (await ShownAsync(client, one.Address), await ShownAsync(client, two.Address));
        }
        while (first.Length < 2 || second.Length < 2);

        Assert.Equal(first.Order(), second.Order());
        Assert.Equal(2, first.Length);
    }

    [Fact]
    public async Task Presets_AddTheHeadersOtherProductsTaught()
    {
        await using var prototype = await EchoAsync("X-MS-CLIENT-PRINCIPAL", "X-MS-CLIENT-PRINCIPAL-ID", "X-MS-CLIENT-PRINCIPAL-NAME", "X-MS-CLIENT-PRINCIPAL-IDP",
            "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "X-Harden-Assertion");
        await using var proxy = await ProxyAlone.StartAsync(prototype.Address, Ada,
            "Prototype:Identity:Presets:0=AppService", "Prototype:Identity:Presets:1=OAuth2Proxy", "Prototype:Identity:Assertion=false");
        await using var plain = await ProxyAlone.StartAsync(prototype.Address, Ada, "Prototype:Identity:Assertion=false");
        using var client = new HttpClient();

        var headers = (await client.GetStringAsync(proxy.Address)).Split('\n');

        Assert.Equal([Ada.ObjectId, "ada@example.com", "aad", Ada.ObjectId, "ada@example.com", "g-1,g-2", "ada@example.com", ""], headers[1..]);
        using var principal = JsonDocument.Parse(Convert.FromBase64String(headers[0]));
        Assert.Equal("aad", principal.RootElement.GetProperty("auth_typ").GetString());
        var claims = principal.RootElement.GetProperty("claims").EnumerateArray().Select(static claim => (claim.GetProperty("typ").GetString(), claim.GetProperty("val").GetString())).ToArray();
        Assert.Contains(("http://schemas.microsoft.com/identity/claims/objectidentifier", Ada.ObjectId), claims);
        Assert.Contains(("name", "Ada Über"), claims);
        Assert.Equal(2, claims.Count(static claim => claim.Item1 == "roles"));
        Assert.All((await client.GetStringAsync(plain.Address)).Split('\n'), Assert.Empty);
    }

    private static Task<TestPrototype> EchoAsync(params string[] names) => TestPrototype.StartAsync(async context =>
    {
        names = names.Length > 0 ? names : ["X-Harden-Assertion"];
        await context.Response.WriteAsync(string.Join('\n', names.Select(name => context.Request.Headers[name].ToString())));
    });

    private static async Task<string[]> ShownAsync(HttpClient client, Uri gateway)
    {
        using var json = JsonDocument.Parse(await client.GetStringAsync(new Uri(gateway, "/.harden/jwks.json")));
        return [.. json.RootElement.GetProperty("keys").EnumerateArray().Select(static key => key.GetProperty("kid").GetString()!)];
    }

    private static string Kid(string assertion)
    {
        using var header = JsonDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(Pad(assertion.Split('.')[0]))));
        return header.RootElement.GetProperty("kid").GetString()!;
    }

    private static string Pad(string text) => text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
}
