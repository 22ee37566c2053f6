using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Identity;

/// <summary>An Entra of the test's own making, which counts what it is asked and fails when told to, with a gateway that trusts it.</summary>
internal sealed class IssuerUnderTest : IAsyncDisposable
{
    public const string Tenant = EntraUnderTest.Tenant;

    // IdentityModel remembers verifiers by key id in the whole process.
    private readonly string run = Guid.NewGuid().ToString("N");
    private readonly RSA rsa = RSA.Create(2048);
    private readonly ECDsa ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa ec384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private TestPrototype issuer = null!;
    private TestPrototype prototype = null!;

    public GatewayUnderTest Gateway { get; private set; } = null!;

    /// <summary>Paths asked for.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Which paths fail.</summary>
    public Func<string, bool> Fails { get; set; } = static _ => false;

    /// <summary>Answers a path in the issuer's place; null for the truth.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    /// <summary>What the token endpoint was sent last.</summary>
    public Dictionary<string, string> Redeemed { get; private set; } = [];

    /// <summary>What the token endpoint answers to a sign-in.</summary>
    public Func<HttpContext, Task> Redeem { get; set; } = static _ => Task.CompletedTask;

    /// <summary>What a request waits for before it is answered.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>The <c>issuer</c> of the published keys.</summary>
    public string? KeyIssuer { get; set; }

    public string Address => issuer.Address.ToString().TrimEnd('/');

    public static async Task<IssuerUnderTest> StartAsync(Action<WebApplicationBuilder>? configure = null, params string[] settings)
    {
        var test = new IssuerUnderTest();
        test.issuer = await TestPrototype.StartAsync(test.AnswerAsync);
        test.prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("the app"));
        test.Gateway = await GatewayUnderTest.StartAsync(test.prototype.Address, configure,
            [$"AzureAd:Instance={test.issuer.Address}", $"AzureAd:TenantId={Tenant}", $"AzureAd:ClientId={EntraUnderTest.ClientId}", "Access:Default=SignedIn", "RateLimits:Defaults=false", .. settings]);
        return test;
    }

    /// <summary>How often the metadata of that version was asked for.</summary>
    public int Count(string version) => Asked.Count(path => path == (version == "v1" ? $"/{Tenant}/.well-known/openid-configuration" : $"/{Tenant}/v2.0/.well-known/openid-configuration"));

    /// <summary>The claims of a good access token.</summary>
    public JsonObject Claims(string version = "2.0")
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return new()
        {
            ["aud"] = EntraUnderTest.ClientId, ["iss"] = version == "1.0" ? $"https://sts.example/{Tenant}/" : $"{Address}/{Tenant}/v2.0", ["tid"] = Tenant, ["oid"] = "de000000-0000-4000-8000-0000000000a3",
            ["azp"] = EntraUnderTest.ClientId, ["scp"] = "access_as_user", ["iat"] = now, ["nbf"] = now, ["exp"] = now + 3600, ["ver"] = version, ["uti"] = Guid.NewGuid().ToString(),
        };
    }

    /// <summary>Signs with the key that fits the algorithm.</summary>
    public string Sign(JsonObject claims, string algorithm = "RS256", string? kid = null, JsonObject? header = null) => Sign(claims.ToJsonString(), algorithm, kid, header);

    /// <summary>Signs a text that may be no claims.</summary>
    public string Sign(string claims, string algorithm = "RS256", string? kid = null, JsonObject? header = null)
    {
        header ??= [];
        (header["typ"], header["alg"], header["kid"]) = ("JWT", algorithm, (kid ?? algorithm[..1] + (algorithm == "ES384" ? "384" : "")) + run);
        var body = $"{Encode(header.ToJsonString())}.{Encode(claims)}";
        var bytes = Encoding.ASCII.GetBytes(body);
        var signature = algorithm switch
        {
            "RS256" => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            "RS512" => rsa.SignData(bytes, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
            "PS256" => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            "ES256" => ec.SignData(bytes, HashAlgorithmName.SHA256),
            _ => ec384.SignData(bytes, HashAlgorithmName.SHA384),
        };
        return $"{body}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Signs a browser in: to where Entra would be asked, and back with a code.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="change">What is else than usual about the id token's claims.</param>
    public async Task<HttpResponseMessage> SignInAsync(TestBrowser browser, Action<JsonObject>? change = null)
    {
        using var away = await browser.NavigateAsync("/.harden/signin", follow: false);
        var asked = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(away.Headers.Location!.Query);
        var claims = Claims();
        claims.Remove("scp");
        claims.Remove("azp");
        (claims["nonce"], claims["name"]) = (asked["nonce"].ToString(), "Max Member");
        change?.Invoke(claims);
        Redeem = context => context.Response.WriteAsJsonAsync(new JsonObject { ["token_type"] = "Bearer", ["access_token"] = "opaque", ["id_token"] = Sign(claims) });
        return await browser.NavigateAsync($"/.harden/signin/callback?code=c&state={Uri.EscapeDataString(asked["state"].ToString())}");
    }

    public async Task<HttpResponseMessage> SendAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Authorization = new("Bearer", token) } };
        return await Gateway.Client.SendAsync(request);
    }

    public async Task<int> StatusAsync(string token)
    {
        using var answer = await SendAsync(token);
        return (int)answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await prototype.DisposeAsync();
        await issuer.DisposeAsync();
        rsa.Dispose();
        ec.Dispose();
        ec384.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Asked.Enqueue(path);
        await Gate;
        if (path == "/token" && context.Request.HasFormContentType)
            Redeemed = (await context.Request.ReadFormAsync()).ToDictionary(static f => f.Key, static f => f.Value.ToString());
        if (Fails(path))
            context.Response.StatusCode = 500;
        else if (Instead is { } instead)
            await instead(context);
        else if (path == "/token")
            await Redeem(context);
        else if (path.EndsWith("/keys", StringComparison.Ordinal))
            await context.Response.WriteAsync(new JsonObject { ["keys"] = new JsonArray(Rsa("R"), Rsa("P"), Ec("E", ec, "P-256"), Ec("E384", ec384, "P-384")) }.ToJsonString());
        else
            await context.Response.WriteAsync(new JsonObject { ["issuer"] = path.Contains("v2.0", StringComparison.Ordinal) ? $"{Address}/{Tenant}/v2.0" : $"https://sts.example/{Tenant}/", ["jwks_uri"] = $"{Address}/keys", ["authorization_endpoint"] = $"{Address}/authorize", ["token_endpoint"] = $"{Address}/token" }.ToJsonString());
    }

    private JsonObject Rsa(string kid)
    {
        var p = rsa.ExportParameters(false);
        return With(new() { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = kid + run, ["n"] = Base64Url.EncodeToString(p.Modulus), ["e"] = Base64Url.EncodeToString(p.Exponent) });
    }

    private JsonObject Ec(string kid, ECDsa key, string curve)
    {
        var p = key.ExportParameters(false);
        return With(new() { ["kty"] = "EC", ["use"] = "sig", ["kid"] = kid + run, ["crv"] = curve, ["x"] = Base64Url.EncodeToString(p.Q.X), ["y"] = Base64Url.EncodeToString(p.Q.Y) });
    }

    private JsonObject With(JsonObject key)
    {
        if (KeyIssuer is not null)
            key["issuer"] = KeyIssuer;
        return key;
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
