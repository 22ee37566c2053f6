using System.Net;

namespace Harden.Gateway.Tests.Identity;

/// <summary>
/// As much of a browser as sign-in needs: it keeps cookies for the host whatever the port, as browsers do, sends Secure ones to
/// localhost over http, as Chromium and Firefox do, and navigates with fetch metadata.
/// </summary>
internal sealed class TestBrowser(Uri start) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    /// <summary>Cookies by name, with the path they are for; the oldest first, as browsers send them (RFC 6265 section 5.4).</summary>
    public OrderedDictionary<string, (string Value, string Path)> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>Every Set-Cookie header seen.</summary>
    public List<string> SetCookies { get; } = [];

    /// <summary>Where the last navigation ended.</summary>
    public Uri? Location { get; private set; }

    public Task<HttpResponseMessage> NavigateAsync(string target, bool follow = true) => SendAsync(new(HttpMethod.Get, new Uri(start, target)), navigate: true, follow);

    public Task<HttpResponseMessage> FetchAsync(string target) => SendAsync(new(HttpMethod.Get, new Uri(start, target)), navigate: false, follow: false);

    /// <summary>Submits a form of the page at hand.</summary>
    public Task<HttpResponseMessage> SubmitAsync(Uri target, params (string Name, string Value)[] fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new FormUrlEncodedContent(fields.Select(static f => KeyValuePair.Create(f.Name, f.Value))) };
        request.Headers.Add("Origin", target.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        return SendAsync(request, navigate: true, follow: true);
    }

    /// <summary>Opens the app, picks a persona at DevEntra, and comes back.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string persona, string target = "/")
    {
        using (var picker = await NavigateAsync(target))
        {
            Assert.Equal(HttpStatusCode.OK, picker.StatusCode);
            Assert.Contains("/oauth2/v2.0/authorize", Location!.AbsolutePath, StringComparison.Ordinal);
        }
        return await SubmitAsync(Location!, ("persona", persona));
    }

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, bool navigate, bool follow)
    {
        for (var hops = 0; ; hops++)
        {
            Assert.True(hops < 10, $"More than ten redirects, the last to {request.RequestUri}.");
            var here = Location = request.RequestUri!;
            if (Cookies.Count > 0)
                request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", Cookies.Where(c => here.AbsolutePath.StartsWith(c.Value.Path, StringComparison.Ordinal)).Select(static c => $"{c.Key}={c.Value.Value}")));
            if (navigate)
            {
                request.Headers.TryAddWithoutValidation("Sec-Fetch-Mode", "navigate");
                request.Headers.TryAddWithoutValidation("Accept", "text/html");
            }
            var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Keep(answer);
            if (!follow || answer.Headers.Location is not { } location)
                return answer;
            answer.Dispose();
            request = new(HttpMethod.Get, new Uri(here, location));
        }
    }

    public void Dispose() => http.Dispose();

    private void Keep(HttpResponseMessage answer)
    {
        if (!answer.Headers.TryGetValues("Set-Cookie", out var headers))
            return;
        foreach (var header in headers)
        {
            SetCookies.Add(header);
            var parts = header.Split(';', StringSplitOptions.TrimEntries);
            var name = parts[0][..parts[0].IndexOf('=')];
            var path = parts.FirstOrDefault(static p => p.StartsWith("path=", StringComparison.OrdinalIgnoreCase))?[5..] ?? "/";
            if (header.Contains("expires=Thu, 01 Jan 1970", StringComparison.OrdinalIgnoreCase))
                Cookies.Remove(name);
            else
                Cookies[name] = (parts[0][(name.Length + 1)..], path);
        }
    }
}
