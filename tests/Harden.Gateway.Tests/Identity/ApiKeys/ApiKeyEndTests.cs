using System.Text.Json.Nodes;
using Harden.Gateway.Tests.Audit;

namespace Harden.Gateway.Tests.Identity.ApiKeys;

/// <summary>A key that ends, ends what runs on it.</summary>
public sealed class ApiKeyEndTests
{
    [Theory]
    [InlineData("removed", true)]
    [InlineData("revoked", true)]
    [InlineData("replaced", true)]
    [InlineData("other roles", true)]
    [InlineData("expiry moved to the past", true)]
    [InlineData("expiry moved to the future", false)]
    [InlineData("another removed", false)]
    public async Task Reload_EndsTheStreamsOfKeysThatAreGone_AndNoOthers(string change, bool ends)
    {
        await using var test = await KeysUnderTest.StartAsync();
        using var stream = await OpenAsync(test);

        await test.ReloadAsync((test, keys) =>
        {
            switch (change)
            {
                case "removed": keys.RemoveAt(0); keys.Add((JsonNode)KeysUnderTest.Entry("import", ApiKeySecret.Create())); break;
                case "revoked": keys[0]!["Revoked"] = true; break;
                case "replaced": keys[0]!["Hash"] = ApiKeySecret.HashText(ApiKeySecret.Create()); break;
                case "other roles": keys[0]!["Roles"] = new JsonArray(); break;
                case "expiry moved to the past": keys[0]!["Expires"] = "2020-01-01T00:00:00Z"; break;
                case "expiry moved to the future": keys[0]!["Expires"] = "2099-01-01T00:00:00Z"; break;
                default: keys.RemoveAt(1); break;
            }
        });

        using var after = await test.SendAsync("/import/after", $"Authorization: Bearer {test.Import}");
        Assert.Equal(ends && change != "other roles" ? 401 : 200, (int)after.StatusCode);
        var end = stream.ReadLineAsync();
        if (!ends)
        {
            // A reload that ends streams has ended them when it returns, as far as the gateway goes; the next one ends this.
            Assert.False(end.IsCompleted);
            await test.ReloadAsync(static (_, keys) => keys[0]!["Revoked"] = true);
        }
        await Assert.ThrowsAnyAsync<IOException>(() => end.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal("key-ended", (await test.Gateway.RecordOf("/import/stream")).Entry.Decision!.Reason);
    }

    [Fact]
    public async Task Expiry_EndsTheStreamsOfTheKey()
    {
        await using var test = await KeysUnderTest.StartAsync();
        using var stream = await OpenAsync(test);

        // Only now: before it had a stream, a key of seconds could have expired.
        await test.ReloadAsync(static (_, keys) => keys[0]!["Expires"] = DateTimeOffset.UtcNow.AddSeconds(3).ToString("O"));
        await Assert.ThrowsAnyAsync<IOException>(() => stream.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));

        Assert.Equal("key-ended", (await test.Gateway.RecordOf("/import/stream")).Entry.Decision!.Reason);
        using var after = await test.SendAsync("/import/after", $"Authorization: Bearer {test.Import}");
        Assert.Equal(401, (int)after.StatusCode);
    }

    [Fact]
    public async Task BadReload_LeavesTheKeysAsTheyWere()
    {
        await using var test = await KeysUnderTest.StartAsync();

        await test.ReloadAsync(static (_, keys) => keys.Clear()); // a rule still names one

        using var after = await test.SendAsync("/import/after", $"Authorization: Bearer {test.Import}");
        Assert.Equal(200, (int)after.StatusCode);
    }

    private static async Task<StreamReader> OpenAsync(KeysUnderTest test)
    {
        var answer = await test.SendAsync("/import/stream", $"Authorization: Bearer {test.Import}");
        Assert.Equal(200, (int)answer.StatusCode);
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal("the app", await reader.ReadLineAsync());
        return reader;
    }
}
