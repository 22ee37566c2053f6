using System.Net;
using Harden.Gateway.Tests.Audit;

namespace Harden.Gateway.Tests.Identity.ApiKeys;

public sealed class ApiKeyTests
{
    [Theory]
    [InlineData("Authorization: Bearer {0}")]
    [InlineData("Authorization: bearer  {0}")]
    [InlineData("X-API-Key: {0}")]
    [InlineData("x-api-key: {0}")]
    public async Task NamedKey_ReachesTheAppAsItself_AndGoesNoFurther(string header)
    {
        await using var test = await KeysUnderTest.StartAsync();

        using var answer = await test.SendAsync("/import/x", header.Replace("{0}", test.Import, StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(test.Reached.TryDequeue(out var reached));
        Assert.Equal("import", reached.Headers["X-Harden-User"]);
        Assert.Equal("Importer", reached.Headers["X-Harden-Roles"]);
        Assert.DoesNotContain(reached.Headers, static h => h.Value.Contains("harden_", StringComparison.Ordinal));
        Assert.DoesNotContain("Authorization", reached.Headers.Keys, StringComparer.OrdinalIgnoreCase);
        var actor = (await test.Gateway.RecordOf("/import/x")).Entry.Actor!;
        Assert.Equal(("apikey", "import", "apikey"), (actor.Tenant, actor.Subject, actor.Scheme));
    }

    [Fact]
    public async Task HeaderOfTheAppsOwn_IsForwarded()
    {
        await using var test = await KeysUnderTest.StartAsync();

        using var answer = await test.SendAsync("/open/x", "X-API-Key: of the app", "Authorization: Basic YTpi");

        Assert.True(test.Reached.TryDequeue(out var reached));
        Assert.Equal("of the app", reached.Headers["X-API-Key"]);
        Assert.Equal("Basic YTpi", reached.Headers["Authorization"]);
    }

    [Fact]
    public async Task OtherHeader_CarriesTheKeyWhereItIsConfigured()
    {
        await using var test = await KeysUnderTest.StartAsync(null, "ApiKeys:Header=X-Service-Key");

        using var answer = await test.SendAsync("/import/x", $"X-Service-Key: {test.Import}");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("unknown", "key-unknown")]
    [InlineData("malformed", "key-malformed")]
    [InlineData("revoked", "key-revoked")]
    [InlineData("expired", "key-expired")]
    [InlineData("two", "key-malformed")]
    [InlineData("in a list", "key-malformed")]
    [InlineData("behind another scheme", "key-malformed")]
    [InlineData("without Bearer", "key-unknown")]
    public async Task KeyThatIsNoGood_Is401WithItsReasonOnRecord(string kind, string expected)
    {
        var expired = ApiKeySecret.Create();
        await using var test = await KeysUnderTest.StartAsync((test, keys) =>
        {
            keys[1]!["Revoked"] = true;
            keys.Add((System.Text.Json.Nodes.JsonNode)KeysUnderTest.Entry("old", expired, DateTimeOffset.UtcNow.AddSeconds(-1)));
        });
        string[] headers = kind switch
        {
            "malformed" => [$"Authorization: Bearer {test.Import[..^1]}"],
            "revoked" => [$"X-API-Key: {test.Backup}"],
            "expired" => [$"Authorization: Bearer {expired}"],
            "two" => [$"Authorization: Bearer {test.Import}", $"X-API-Key: {test.Backup}"],
            "in a list" => [$"X-API-Key: mine, {test.Import}"],
            "behind another scheme" => [$"Authorization: Basic YTpi, Bearer {test.Import}"],
            "without Bearer" => [$"Authorization: {ApiKeySecret.Create()}"],
            _ => [$"Authorization: Bearer {ApiKeySecret.Create()}"],
        };

        using var answer = await test.SendAsync("/open/" + expected, headers);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"Bearer error=\"invalid_token\", error_description=\"{expected}\"", answer.Headers.WwwAuthenticate.ToString());
        Assert.Empty(test.Reached);
        var entry = (await test.Gateway.RecordOf("/open/" + expected)).Entry;
        Assert.Equal(expected, entry.Decision!.Reason);
        Assert.Equal(kind switch { "revoked" => "backup", "expired" => "old", _ => "" }, entry.Actor?.Subject ?? "");
    }

    [Fact]
    public async Task KeyWithARoleOfTheConsole_IsNoPerson_AndSeesNothingThere()
    {
        await using var test = await KeysUnderTest.StartAsync(null, "Console:Roles:0=Importer");
        foreach (var path in (string[])["/", "/sessions.json", "/record"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(test.Gateway.Console, path)) { Headers = { Authorization = new("Bearer", test.Import) } };
            using var answer = await test.Gateway.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("/import/x", false, 403)]
    [InlineData("/people/x", true, 403)]
    [InlineData("/elsewhere", true, 403)]
    [InlineData("/open/x", true, 200)]
    public async Task Key_OpensNothingThatDoesNotNameIt(string path, bool import, int expected)
    {
        await using var test = await KeysUnderTest.StartAsync();

        using var answer = await test.SendAsync(path, $"Authorization: Bearer {(import ? test.Import : test.Backup)}");

        Assert.Equal(expected, (int)answer.StatusCode);
    }

    [Fact]
    public async Task DefaultOfSignedIn_LetsNoKeyIn()
    {
        await using var test = await KeysUnderTest.StartAsync(null, "Access:Default=SignedIn");

        using var answer = await test.SendAsync("/elsewhere", $"Authorization: Bearer {test.Import}");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task KeyFromAnotherSite_IsNotAskedWhereItComesFrom()
    {
        await using var test = await KeysUnderTest.StartAsync();

        using var answer = await test.SendAsync("/import/x", "POST", "Origin: https://evil.example", "Sec-Fetch-Site: cross-site", $"Authorization: Bearer {test.Import}");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Console_IsClosedToKeys()
    {
        await using var test = await KeysUnderTest.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(test.Gateway.Console, "/")) { Headers = { { "X-API-Key", test.Import } } };

        using var answer = await test.Gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Key_IsInNoFileThatHardenWrites()
    {
        await using var test = await KeysUnderTest.StartAsync(null, "Audit:RequestHeaders:0=X-Other", "Audit:QueryKeys:0=key");
        (string, string[])[] requests =
        [
            ("/import/x", [$"Authorization: Bearer {test.Import}", $"X-Other: {test.Import}"]), ("/import/y", [$"X-API-Key: {test.Import}"]), ($"/open/x?key={test.Import}", []), ($"/open/{test.Import}", []),
            ("/open/z", [$"Referer: https://app/{test.Import}?key={test.Import}", $"User-Agent: {test.Import}", $"Origin: https://{test.Import}"]), ("/open/w", [$"X-API-Key: {test.Import[..40]}"]),
        ];
        foreach (var (path, headers) in requests)
            (await test.SendAsync(path, headers)).Dispose();
        (await test.SendAsync("/open/marker")).Dispose();
        await test.Gateway.RecordOf("/open/marker");

        var everything = Recorded.AllText(test.Gateway.State);

        Assert.Contains("\"import\"", everything, StringComparison.Ordinal);
        Assert.DoesNotContain(test.Import[..24], everything, StringComparison.OrdinalIgnoreCase);
    }
}
