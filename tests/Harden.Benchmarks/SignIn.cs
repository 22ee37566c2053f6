using System.Net;

namespace Harden.Benchmarks;

/// <summary>Signs in through DevEntra as a browser does: to the gateway, to the persona picker, back with a code.</summary>
internal static class SignIn
{
    /// <summary>Tenant and app that DevEntra serves unless told otherwise.</summary>
    public const string Tenant = "de000000-0000-4000-8000-000000000001", App = "de000000-0000-4000-8000-0000000000c1";

    /// <summary>Returns the header that carries the session.</summary>
    public static async Task<string> AsMemberAsync(int port)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
        var cookies = new Dictionary<string, string>();
        var gateway = new Uri($"http://127.0.0.1:{port}/");

        async Task<Uri> RedirectAsync(HttpMethod method, Uri address, HttpContent? form = null)
        {
            using var request = new HttpRequestMessage(method, address) { Content = form };
            if (address.Port == port && cookies.Count > 0)
                request.Headers.Add("Cookie", Header(cookies));
            using var answer = await client.SendAsync(request);
            if (answer.StatusCode is not HttpStatusCode.Found || answer.Headers.Location is not { } location)
                throw new InvalidOperationException($"{method} {address} was to answer 302 on the way to a session; it answered {(int)answer.StatusCode}:\n{await answer.Content.ReadAsStringAsync()}");
            foreach (var cookie in address.Port == port && answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
                Keep(cookies, cookie);
            return new(address, location);
        }

        var picker = await RedirectAsync(HttpMethod.Get, new(gateway, "/.harden/signin?returnUrl=/1k"));
        var callback = await RedirectAsync(HttpMethod.Post, picker, new FormUrlEncodedContent([new("persona", "member")]));
        await RedirectAsync(HttpMethod.Get, callback);
        return $"Cookie: {Header(cookies)}\r\nSec-Fetch-Site: same-origin\r\n";
    }

    private static string Header(Dictionary<string, string> cookies) => string.Join("; ", cookies.Select(static c => $"{c.Key}={c.Value}"));

    private static void Keep(Dictionary<string, string> cookies, string set)
    {
        var pair = set.Split(';')[0];
        var name = pair[..pair.IndexOf('=')];
        if (pair.Length == name.Length + 1)
            cookies.Remove(name);
        else
            cookies[name] = pair[(name.Length + 1)..];
    }
}
