using System.Net;
using Harden.Gateway.Branding;
using Harden.Gateway.Configuration;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Branding;

public sealed class BrandingTests : IDisposable
{
    private const string Svg = """<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>""";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("harden-test-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Page_CarriesTheBrand_AndTheLogoCannotAct()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "logo.svg"), Svg);
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Access:Default=Nobody",
            "Branding:Name=Wingtip <Tasks>", $"Branding:LogoFile={Path.Combine(folder.FullName, "logo.svg")}", "Branding:SupportContact=Help desk, phone 4711", "Branding:AccentColor=#7a1fa2");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/html" } } };

        using var answer = await gateway.Client.SendAsync(request);
        var page = await answer.Content.ReadAsStringAsync();
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        var source = page[(page.IndexOf("/.harden/logo?v=", StringComparison.Ordinal))..].Split('"')[0];
        using var logo = await gateway.Client.GetAsync(source);

        Assert.Contains("Wingtip &lt;Tasks&gt;", page, StringComparison.Ordinal);
        Assert.Contains("<dd>Help desk, phone 4711</dd>", page, StringComparison.Ordinal);
        Assert.Contains("--accent:#7a1fa2", page, StringComparison.Ordinal);
        Assert.Contains("img-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("image/svg+xml", logo.Content.Headers.ContentType?.MediaType);
        Assert.Equal(Svg, await logo.Content.ReadAsStringAsync());
        Assert.Contains("sandbox", logo.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.True(logo.Headers.CacheControl?.Public);
    }

    [Fact]
    public async Task WithoutLogo_ThereIsNone()
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("the app"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        using var answer = await gateway.Client.GetAsync("/.harden/logo");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("Branding:AccentColor", "green")]
    [InlineData("Branding:AccentColor", "#fff")]
    [InlineData("Branding:AccentColor", "#7fd1b9")] // white text on it has a contrast of 1.8
    [InlineData("Branding:AccentColor", "#1f6f5c;}body{background:url(//evil.example)}")]
    [InlineData("Branding:Name", " ")]
    [InlineData("Branding:SupportContact", "")]
    [InlineData("Branding:LogoFile", "nowhere.png")]
    [InlineData("Branding:LogoFile", "text.png")]
    [InlineData("Branding:LogoFile", "large.png")]
    [InlineData("Branding:LogoFile", "")]
    public async Task ValueThatWouldNotDo_IsRefused(string key, string value)
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "text.png"), "no picture");
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "large.png"), [0x89, (byte)'P', (byte)'N', (byte)'G', .. new byte[64 * 1024]]);
        if (key == "Branding:LogoFile" && value.Length > 0)
            value = Path.Combine(folder.FullName, value);

        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => GatewayUnderTest.StartAsync(new Uri("http://127.0.0.1:1"), $"{key}={value}"));

        Assert.Equal([key], refused.Problems.Select(static problem => problem.Key));
    }

    [Theory]
    [InlineData("#000000")]
    [InlineData("#1f6f5c")]
    [InlineData("#b00020")]
    [InlineData("#0000ff")]
    public void Accent_CanBeReadInLightAndDark(string text)
    {
        var (accent, card) = (Color.Parse(text)!.Value, Color.Parse("#1a211e")!.Value);

        Assert.True(accent.Contrast(Color.White) >= Color.Readable);
        Assert.True(accent.Toward(Color.White, card).Contrast(card) >= Color.Readable);
    }
}
