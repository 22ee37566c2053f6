using Microsoft.Playwright;

namespace Harden.Browser.Tests;

/// <summary>The machine's own Chromium, driven by Playwright; nothing is downloaded.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private readonly IPlaywright playwright;
    private readonly IBrowser browser;

    private Chromium(IPlaywright playwright, IBrowser browser)
    {
        this.playwright = playwright;
        this.browser = browser;
    }

    public static async Task<Chromium> StartAsync()
    {
        string?[] candidates = [Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        var path = candidates.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("No Chromium was found. Install it (apt-get install chromium), or name one in the environment variable CHROMIUM.");
        Assertions.SetDefaultExpectTimeout(120_000);
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = path,
            Args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"],
            Timeout = 120_000,
        });
        return new(playwright, browser);
    }

    /// <summary>A page of somebody who has no cookies yet.</summary>
    public async Task<IPage> NewPersonAsync(int width = 1180, int height = 860)
    {
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height } });
        context.SetDefaultTimeout(120_000);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}

internal static class PageSteps
{
    /// <summary>Opens an address that asks for sign-in, picks a persona, and comes back to it.</summary>
    public static async Task SignInAsync(this IPage page, Uri address, string persona)
    {
        await page.GotoAsync(address.ToString());
        await page.GetByRole(AriaRole.Button).Filter(new() { Has = page.GetByText(persona, new() { Exact = true }) }).ClickAsync();
        await page.WaitForURLAsync(url => new Uri(url).Authority == address.Authority && !new Uri(url).AbsolutePath.StartsWith("/.harden/", StringComparison.Ordinal));
    }

    /// <summary>Keeps a picture of the page in the test's output folder.</summary>
    public static Task PictureAsync(this IPage page, string name) =>
        page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "screenshots", name + ".png"), FullPage = true });
}
