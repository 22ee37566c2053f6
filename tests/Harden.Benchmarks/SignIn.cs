using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

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

    /// <summary>Returns the header that carries an access token as long as Entra's are where a person has a few permissions and groups: 1.8 KB.</summary>
    public static async Task<string> WithTokenAsync(int port)
    {
        const string Verifier = "0123456789012345678901234567890123456789012", Redirect = "http://localhost";
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
        using var start = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/.harden/signin?returnUrl=/1k"));
        var entra = $"{start.Headers.Location!.GetLeftPart(UriPartial.Authority)}/{Tenant}/oauth2/v2.0";
        using var authorized = await client.PostAsync(QueryHelpers.AddQueryString(entra + "/authorize", new Dictionary<string, string?>
        {
            ["client_id"] = App, ["redirect_uri"] = Redirect, ["response_type"] = "code", ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))), ["code_challenge_method"] = "S256",
            ["scope"] = "openid " + string.Join(' ', Enumerable.Range(10, 22).Select(static n => $"{App}/Projects{n}.ReadWrite")),
        }), new FormUrlEncodedContent([new("persona", "member")]));
        var code = QueryHelpers.ParseQuery(authorized.Headers.Location!.Query)["code"].ToString();
        using var redeemed = await client.PostAsync(entra + "/token", new FormUrlEncodedContent(
            [new("grant_type", "authorization_code"), new("client_id", App), new("redirect_uri", Redirect), new("code", code), new("code_verifier", Verifier)]));
        using var tokens = JsonDocument.Parse(await redeemed.Content.ReadAsStringAsync());
        var token = tokens.RootElement.GetProperty("access_token").GetString()!;
        return token.Length is > 1700 and < 1900 ? $"Authorization: Bearer {token}\r\n" : throw new InvalidOperationException($"The access token is of {token.Length} bytes, and was to be of about 1800.");
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
