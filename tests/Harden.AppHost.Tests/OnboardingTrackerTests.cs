using System.Net;
using System.Text.Json;
using Harden.Gateway.Tests.Identity;

namespace Harden.AppHost.Tests;

/// <summary>What <c>dotnet run --project Harden.AppHost</c> gives on a fresh clone.</summary>
public sealed class OnboardingTrackerTests
{
    [Fact]
    public async Task NoArguments_TheTrackerIsUsedBehindSignInAndOnRecord()
    {
        var data = Path.Combine(Path.GetTempPath(), $"harden-test-{Guid.NewGuid():N}.json");
        await using var host = await HostUnderTest.UpAsync([], ("TRACKER_DATA", data));
        Assert.Contains("onboarding-tracker is up, behind sign-in.", host.Output);
        using var browser = new TestBrowser(host.App);

        using (var home = await browser.SignInAsync("member"))
        {
            Assert.Equal(HttpStatusCode.OK, home.StatusCode);
            Assert.Contains("Customers", await home.Content.ReadAsStringAsync());
        }
        using (var added = await browser.SubmitAsync(new Uri(host.App, "/customers"), ("name", "Northwind"), ("contact", "nina@northwind.example")))
        {
            Assert.Equal(HttpStatusCode.OK, added.StatusCode);
            Assert.Contains("Northwind", await added.Content.ReadAsStringAsync());
        }

        Assert.Equal(0, await host.SignalAsync("TERM"));
        var records = Records(host);
        var intent = records.Single(static entry => Text(entry, "stage") == "intent" && Text(entry, "http", "method") == "POST");
        Assert.Equal("/customers", Text(intent, "http", "path"));
        Assert.Contains("Max Member", intent.GetRawText());
        Assert.Contains(records, entry => Text(entry, "stage") == "completion" && Text(entry, "requestId") == Text(intent, "requestId"));
        await host.NobodyIsLeftAsync();
        File.Delete(data);
    }

    private static JsonElement[] Records(HostUnderTest host) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(host.State, "audit"), "*.jsonl").SelectMany(File.ReadLines)
            .Where(static line => line.StartsWith('{')).Select(static line => JsonDocument.Parse(line).RootElement),
    ];

    private static string? Text(JsonElement entry, params string[] path) =>
        path.Aggregate((JsonElement?)entry, static (at, name) => at is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var child) ? child : null)?.ToString();
}
