using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Harden.Browser.Tests;

/// <summary>The pages that Harden shows in the app's place, as people see them.</summary>
[Collection(nameof(Browsers))]
public sealed class PagesTests(PagesTests.Fixture fixture) : IClassFixture<PagesTests.Fixture>
{
    private const string Server = """
        import { createServer } from 'node:http';
        createServer((request, response) => {
          let body = '';
          request.on('data', chunk => body += chunk).on('end', () => {
            response.setHeader('Content-Type', 'text/html; charset=utf-8');
            if (request.method === 'POST') response.end('<h1>Saved</h1><pre>' + new URLSearchParams(body).get('text') + '</pre>');
            else if (request.url === '/framed') response.end('<h1>Framed</h1><iframe src="/denied" width="600" height="500"></iframe>');
            else response.end('<h1>New task</h1><form method="post" action="/save"><textarea name="text" aria-label="Text"></textarea><button>Save</button></form>');
          });
        }).listen(process.env.PORT);
        """;

    private const string Configuration = """
        {
          "Prototype": { "Name": "tasks", "Command": ["node", "server.mjs"] },
          "Branding": { "Name": "Wingtip Tasks", "LogoFile": "logo.svg", "SupportContact": "it-help@wingtip.example", "AccentColor": "#7a1fa2" },
          "Access": {
            "Default": "SignedIn",
            "Rules": [
              { "Name": "denied", "Paths": ["/denied"], "Roles": ["Nobody.Has"] },
              { "Name": "team", "Paths": ["/team"], "Groups": ["de000000-0000-4000-8000-000000000fff"] },
              { "Name": "pay", "Paths": ["/pay"], "AuthContext": "c1" }
            ]
          },
          "RateLimits": { "Policies": [{ "Name": "once", "Paths": ["/limited"], "Permits": 1, "Window": "1.00:00:00" }] }
        }
        """;

    private const string Logo = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#7a1fa2"/><path d="M8 17l6 6 11-14" fill="none" stroke="#fff" stroke-width="4"/></svg>""";

    [Fact]
    public async Task EveryPage_IsReadableInLightAndDarkAndOnAPhone()
    {
        var harden = fixture.Harden;
        var page = await fixture.Chromium.NewPersonAsync();
        var foreign = new List<string>();
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url).Host != harden.App.Host)
                foreign.Add(request.Url);
        };
        var errors = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.OrdinalIgnoreCase))
                errors.Add(message.Text);
        };
        await LookAsync(page, "sign-in-error", () => page.GotoAsync(Of(harden, "/.harden/signin/callback?code=x&state=y")), "Sign-in could not be completed");
        await page.SignInAsync(harden.App, "Max Member");
        await LookAsync(page, "no-access", () => page.GotoAsync(Of(harden, "/denied")), "No access");
        await page.GotoAsync(Of(harden, "/limited"));
        await LookAsync(page, "too-many-requests", () => page.GotoAsync(Of(harden, "/limited")), "Too many requests");
        await LookAsync(page, "not-found", () => page.GotoAsync(Of(harden, "/.harden/nothing")), "Not found");
        await LookAsync(page, "step-up-failed", () => StepUpWithoutClaimsAsync(page, harden), "The extra sign-in step is missing");
        await LookAsync(page, "sign-out", () => page.GotoAsync(Of(harden, "/.harden/signout")), "Sign out?");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();
        await LookAsync(page, "signed-out", null, "You are signed out");
        await page.SignInAsync(harden.App, "Gus Groups");
        await LookAsync(page, "too-many-groups", () => page.GotoAsync(Of(harden, "/team")), "No access");
        await page.GotoAsync(Of(harden, "/framed"));
        await Expect(page.FrameLocator("iframe").GetByRole(AriaRole.Heading, new() { Name = "No access" })).ToBeVisibleAsync();
        await page.Context.ClearCookiesAsync(new() { Name = "__Host-harden" });
        await page.EvaluateAsync("() => { const form = document.createElement('form'); form.method = 'post'; form.action = '/save'; document.body.append(form); form.submit(); }");
        await LookAsync(page, "form-not-sent", null, "Your form was not sent");

        Assert.Empty(foreign);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task FormSentAfterTheSessionEnded_IsNotLost()
    {
        var harden = fixture.Harden;
        var page = await fixture.Chromium.NewPersonAsync();
        await page.SignInAsync(harden.App, "Max Member");
        await page.GetByLabel("Text").FillAsync("an hour's work");
        await page.Context.ClearCookiesAsync(new() { Name = "__Host-harden" });
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Your form was not sent");

        var tab = await page.RunAndWaitForPopupAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Sign in in a new tab" }).ClickAsync());
        await Expect(tab.GetByRole(AriaRole.Heading)).ToHaveTextAsync("New task"); // Entra still knew who it was
        await page.ReloadAsync();

        await Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Saved");
        await Expect(page.Locator("pre")).ToHaveTextAsync("an hour's work");
    }

    private static string Of(HardenRun harden, string path) => new Uri(harden.App, path).ToString();

    private static async Task StepUpWithoutClaimsAsync(IPage page, HardenRun harden)
    {
        await page.GotoAsync(Of(harden, "/pay"));
        var asked = new Uri(page.Url);
        await page.GotoAsync(asked.GetLeftPart(UriPartial.Path) + "?" + string.Join('&', asked.Query[1..].Split('&').Where(static p => !p.StartsWith("claims=", StringComparison.Ordinal))));
        if (!page.Url.Contains("/.harden/signin/callback", StringComparison.Ordinal))
            await page.GetByRole(AriaRole.Button).Filter(new() { Has = page.GetByText("Max Member", new() { Exact = true }) }).ClickAsync();
    }

    private static async Task LookAsync(IPage page, string name, Func<Task>? open, string title)
    {
        if (open is not null)
            await open();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(title);
        await Expect(page.GetByRole(AriaRole.Main)).ToHaveCountAsync(1);
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(page.Locator("main code")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^[0-9a-f]{32}$"));
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "it-help@wingtip.example" })).ToHaveAttributeAsync("href", "mailto:it-help@wingtip.example");
        Assert.True(await page.EvaluateAsync<bool>("() => document.images.length === 1 && document.images[0].naturalWidth > 0"), $"{name}: no logo.");
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            foreach (var width in (int[])[1180, 320])
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await page.SetViewportSizeAsync(width, 700);
                await page.PictureAsync(string.Create(CultureInfo.InvariantCulture, $"page-{name}-{scheme}-{width}"));
                Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{name} is wider than {width}.");
                Assert.Equal("", await page.EvaluateAsync<string>(Unreadable));
            }
        }
    }

    // Every text against the nearest background behind it, by the contrast of WCAG 2.2; names what can't be read.
    private const string Unreadable = """
        () => {
          const parse = c => c.match(/[\d.]+/g).map(Number);
          const light = c => { const [r, g, b] = parse(c).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
          const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if ((parse(c)[3] ?? 1) > 0) return c; } return 'rgb(255,255,255)'; };
          const bad = [];
          for (const e of document.querySelectorAll('main *')) {
            if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
            const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
            const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
            if (contrast < 4.5) bad.push(`${e.tagName} "${e.textContent.trim()}" ${contrast.toFixed(2)}`);
          }
          return bad.join('; ');
        }
        """;

    public sealed class Fixture : IAsyncLifetime
    {
        internal HardenRun Harden { get; private set; } = null!;

        internal Chromium Chromium { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            var folder = Path.Combine(Directory.CreateTempSubdirectory("harden-browser-").FullName, "tasks");
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "server.mjs"), Server);
            await File.WriteAllTextAsync(Path.Combine(folder, "harden.json"), Configuration);
            await File.WriteAllTextAsync(Path.Combine(folder, "logo.svg"), Logo);
            Harden = await HardenRun.StartInAsync(folder);
            Chromium = await Browser.Tests.Chromium.StartAsync();
        }

        public async Task DisposeAsync()
        {
            await Chromium.DisposeAsync();
            await Harden.DisposeAsync();
        }
    }
}
