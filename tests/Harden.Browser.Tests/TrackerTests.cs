using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Harden.Browser.Tests;

[Collection(nameof(Browsers))]
public sealed class TrackerTests
{
    [Fact]
    public async Task SignedInPerson_UsesTheTracker_AndTheReviewerSeesWhoDidWhat()
    {
        await using var harden = await HardenRun.StartAsync("onboarding-tracker");
        await using var chromium = await Chromium.StartAsync();

        var page = await chromium.NewPersonAsync();
        await page.GotoAsync(harden.App.ToString());
        await page.PictureAsync("sign-in");
        await page.SignInAsync(harden.App, "Max Member");
        await Expect(page.GetByText("Northwind Traders")).ToBeVisibleAsync();
        await page.PictureAsync("tracker");

        await page.GetByLabel("Company").FillAsync("Wingtip Toys");
        await page.GetByLabel("Contact").FillAsync("Zoë Färber");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add customer" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(harden.App, "/customers/5").ToString());
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Wingtip Toys was added.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Kick-off call" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Saved");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Kick-off call" })).ToHaveAttributeAsync("aria-pressed", "true");
        await page.PictureAsync("tracker-customer");

        await page.GetByRole(AriaRole.Button, new() { Name = "Remove this customer" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No access" })).ToBeVisibleAsync();
        await page.PictureAsync("refused");

        await ReviewAsync(chromium, harden);
    }

    private static async Task ReviewAsync(Chromium chromium, HardenRun harden)
    {
        var page = await chromium.NewPersonAsync();
        await page.SignInAsync(harden.Console, "Rita Reviewer");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "onboarding-tracker" }).Or(page.GetByText("onboarding-tracker")).First).ToBeVisibleAsync();
        await page.PictureAsync("console");
        await page.GotoAsync(new Uri(harden.Console, "/record").ToString());
        var added = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Max Member" }).Filter(new() { HasTextRegex = new Regex(@"POST\s*/customers\b(?!/)") });
        await Expect(added).ToHaveCountAsync(1);
        await page.PictureAsync("console-record");
        await added.GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(page.GetByText("Max Member").First).ToBeVisibleAsync();
        await page.PictureAsync("console-entry");

        var member = await chromium.NewPersonAsync();
        await member.SignInAsync(harden.Console, "Max Member");
        await Expect(member.GetByRole(AriaRole.Heading, new() { Name = "No access to the console" })).ToBeVisibleAsync();
        await member.PictureAsync("console-refused");
    }
}

/// <summary>One at a time: each starts a whole Harden and a browser.</summary>
[CollectionDefinition(nameof(Browsers), DisableParallelization = true)]
public sealed class Browsers;
