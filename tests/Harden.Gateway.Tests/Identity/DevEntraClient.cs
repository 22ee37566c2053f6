using System.Buffers.Text;
using System.Text.Json.Nodes;
using Harden.DevEntra;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.WebUtilities;

namespace Harden.Gateway.Tests.Identity;

/// <summary>A browser and an app in one, at a DevEntra of its own: authorizes, keeps the sign-in, redeems codes, reads tokens.</summary>
internal sealed class DevEntraClient(WebApplication entra) : IAsyncDisposable
{
    public const string Verifier = "0123456789012345678901234567890123456789012";
    public const string Callback = "http://localhost:8080/.harden/signin/callback";

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new(entra.Urls.First()) };

    public WebApplication Entra => entra;

    public static async Task<DevEntraClient> StartAsync(params string[] settings) => new(await EntraUnderTest.StartEntraAsync(settings));

    /// <summary>Asks for a code, as the persona or as who is signed in already.</summary>
    public Task<HttpResponseMessage> AuthorizeAsync(string? persona = null, params (string Name, string Value)[] more)
    {
        var query = new Dictionary<string, string?>
        {
            ["client_id"] = EntraUnderTest.ClientId, ["redirect_uri"] = Callback, ["response_type"] = "code", ["scope"] = "openid",
            ["code_challenge"] = Authorize.Challenge(Verifier), ["code_challenge_method"] = "S256", ["state"] = "s",
        };
        foreach (var (name, value) in more)
            query[name] = value;
        var url = QueryHelpers.AddQueryString($"/{EntraUnderTest.Tenant}/oauth2/v2.0/authorize", query);
        return persona is null ? http.GetAsync(url) : http.PostAsync(url, new FormUrlEncodedContent([new("persona", persona)]));
    }

    /// <summary>The claims of the token of that name that a sign-in brings.</summary>
    public async Task<JsonNode> SignInAsync(string token, string? persona = null, params (string Name, string Value)[] more)
    {
        using var answer = await AuthorizeAsync(persona, more);
        Assert.True(answer.Headers.Location is not null, await answer.Content.ReadAsStringAsync());
        var (_, tokens) = await PostAsync("token", ("grant_type", "authorization_code"), ("code", Query(answer)["code"]), ("redirect_uri", Callback), ("code_verifier", Verifier), ("client_id", EntraUnderTest.ClientId), ("client_secret", "of the tests"));
        return Claims(tokens, token);
    }

    /// <summary>Posts a form to one of the OAuth endpoints.</summary>
    public Task<(int Status, JsonNode Body)> PostAsync(string endpoint, params (string Name, string Value)[] form) => SendAsync($"/{EntraUnderTest.Tenant}/oauth2/v2.0/{endpoint}", form);

    public async Task<(int Status, JsonNode Body)> SendAsync(string path, params (string Name, string Value)[] form)
    {
        using var answer = await http.PostAsync(path, new FormUrlEncodedContent(form.Select(static f => KeyValuePair.Create(f.Name, f.Value))));
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    /// <summary>Submits a form of a page.</summary>
    public async Task<string> SubmitAsync(string path, params (string Name, string Value)[] form)
    {
        using var answer = await http.PostAsync(path, new FormUrlEncodedContent(form.Select(static f => KeyValuePair.Create(f.Name, f.Value))));
        return await answer.Content.ReadAsStringAsync();
    }

    public Task<HttpResponseMessage> GetAsync(string path) => http.GetAsync(path);

    public static Dictionary<string, string> Query(HttpResponseMessage answer) =>
        QueryHelpers.ParseQuery(answer.Headers.Location!.Query).ToDictionary(static p => p.Key, static p => p.Value.ToString());

    public static JsonNode Claims(JsonNode tokens, string token) => JsonNode.Parse(Base64Url.DecodeFromChars(tokens[token]!.GetValue<string>().Split('.')[1]))!;

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await entra.DisposeAsync();
    }
}
