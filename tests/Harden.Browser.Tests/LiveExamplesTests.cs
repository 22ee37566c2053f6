using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Harden.Browser.Tests;

/// <summary>What only a browser shows: hot reload, sockets and streams through the gateway.</summary>
[Collection(nameof(Browsers))]
public sealed class LiveExamplesTests
{
    [Fact]
    public async Task EditedSource_ReachesTheOpenPageWithoutReload()
    {
        await using var harden = await HardenRun.StartAsync("vite-page");
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.NewPersonAsync();
        var sockets = new List<string>();
        page.WebSocket += (_, socket) => sockets.Add(socket.Url);
        await page.SignInAsync(harden.App, "Max Member");
        await Expect(page.Locator("#headline")).ToHaveTextAsync("Launch day is Friday");
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button)).ToHaveTextAsync("1 person is in");
        await Expect(page.Locator("#headline")).ToBeVisibleAsync();
        await page.EvaluateAsync("() => window.sinceLoad = 1");

        await File.WriteAllTextAsync(Path.Combine(harden.Folder, "src", "headline.js"), "export const headline = 'Launch day is today';\n");

        await Expect(page.Locator("#headline")).ToHaveTextAsync("Launch day is today");
        await Expect(page.GetByRole(AriaRole.Button)).ToHaveTextAsync("1 person is in");
        Assert.Equal(1, await page.EvaluateAsync<int>("() => window.sinceLoad"));
        // Vite falls back to a connection past the gateway if the one through it fails.
        Assert.All(sockets, url => Assert.Equal(harden.App.Authority, new Uri(url).Authority));
        Assert.NotEmpty(sockets);
        await page.PictureAsync("vite-after-edit");
    }

    [Theory]
    [InlineData("", "websocket")]
    [InlineData("&transport=polling", "polling")]
    public async Task TwoPeople_TalkThroughTheGateway(string query, string transport)
    {
        await using var harden = await HardenRun.StartAsync("socketio-chat");
        await using var chromium = await Chromium.StartAsync();
        var ana = await chromium.NewPersonAsync(640, 520);
        var ben = await chromium.NewPersonAsync(640, 520);
        await ana.SignInAsync(new Uri(harden.App, "/?name=Ana" + query), "Ada Admin");
        await ben.SignInAsync(new Uri(harden.App, "/?name=Ben" + query), "Max Member");
        await Expect(ana.Locator("#transport")).ToHaveTextAsync(transport);
        await Expect(ben.Locator("#transport")).ToHaveTextAsync(transport);
        await Expect(ana.Locator("#people")).ToHaveTextAsync("Ana, Ben");

        await ana.Locator("#text").FillAsync("Grüezi Ben, is the import done?");
        await ana.Locator("#text").PressAsync("Enter");
        await Expect(ben.Locator("#log li")).ToContainTextAsync(["Grüezi Ben"]);
        await ben.Locator("#text").FillAsync("Yes, just now.");
        await ben.Locator("#text").PressAsync("Enter");

        await Expect(ana.Locator("#log li")).ToContainTextAsync(["Grüezi Ben", "Yes, just now."]);
        await ana.PictureAsync("chat-" + transport);
    }

    [Fact]
    public async Task ModelsAnswer_AppearsWordByWord()
    {
        await using var harden = await HardenRun.StartAsync("llm-chat");
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.NewPersonAsync(900, 640);
        await page.SignInAsync(harden.App, "Max Member");
        // Every length the answer ever had on screen.
        await page.EvaluateAsync("() => { window.lengths = []; new MutationObserver(() => lengths.push(document.querySelector('.assistant')?.textContent.length ?? 0)).observe(document.getElementById('log'), { subtree: true, childList: true, characterData: true }); }");

        await page.GetByRole(AriaRole.Textbox).FillAsync("How should onboarding work?");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask" }).ClickAsync();
        await Expect(page.Locator(".assistant.busy")).ToContainTextAsync("Sure!");
        await page.PictureAsync("llm-streaming");
        await Expect(page.Locator(".assistant:not(.busy)")).ToContainTextAsync("what the owner and the date have to be.");

        var lengths = await page.EvaluateAsync<int[]>("() => [...new Set(lengths)]");
        Assert.True(lengths.Length > 10, $"The answer came in {lengths.Length} pieces: something between the model and the page waits for the whole.");
        await page.PictureAsync("llm-done");
    }
}
