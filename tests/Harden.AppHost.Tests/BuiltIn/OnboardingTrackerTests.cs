using System.Net;
using Harden.Gateway.Tests.Identity;

namespace Harden.AppHost.Tests.BuiltIn;

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
        var record = Records(host).Single(static entry => entry.Contains("\"completion\"") && entry.Contains("\"path\":\"/customers\""));
        Assert.Contains("\"method\":\"POST\"", record);
        Assert.Contains("Max Member", record);
        await host.NobodyIsLeftAsync();
        File.Delete(data);
    }

    private static string[] Records(HostUnderTest host) =>
        [.. Directory.EnumerateFiles(Path.Combine(host.State, "audit"), "*.jsonl", SearchOption.AllDirectories).SelectMany(File.ReadLines)];
}
