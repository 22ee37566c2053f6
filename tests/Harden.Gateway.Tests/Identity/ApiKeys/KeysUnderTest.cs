using System.Text.Json;
using System.Text.Json.Nodes;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Identity.ApiKeys;

/// <summary>A gateway with a harden.json that has keys, and a prototype that says what reached it or streams.</summary>
internal sealed class KeysUnderTest : IAsyncDisposable
{
    private readonly string file = Path.GetTempFileName();

    public string Import { get; } = ApiKeySecret.Create();

    public string Backup { get; } = ApiKeySecret.Create();

    public GatewayUnderTest Gateway { get; private set; } = null!;

    public TestPrototype Prototype { get; private set; } = null!;

    /// <summary>What the prototype was asked.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<(string Path, Dictionary<string, string> Headers)> Reached { get; } = new();

    /// <summary>Entry of a key.</summary>
    public static JsonObject Entry(string name, string secret, DateTimeOffset? expires = null) =>
        new() { ["Name"] = name, ["Hash"] = ApiKeySecret.HashText(secret), ["Expires"] = (expires ?? DateTimeOffset.UtcNow.AddYears(1)).ToString("O") };

    public static async Task<KeysUnderTest> StartAsync(Action<KeysUnderTest, JsonArray>? change = null, params string[] settings)
    {
        var test = new KeysUnderTest();
        test.Prototype = await TestPrototype.StartAsync(test.AnswerAsync);
        await test.WriteAsync(change);
        test.Gateway = await GatewayUnderTest.StartAsync(test.Prototype.Address, null, [$"config={test.file}", .. settings]);
        return test;
    }

    /// <summary>Puts other keys in force.</summary>
    public async Task ReloadAsync(Action<KeysUnderTest, JsonArray> change)
    {
        await WriteAsync(change);
        ((IConfigurationRoot)Gateway.Services.GetRequiredService<IConfiguration>()).Reload();
    }

    /// <summary>Sends a request with the headers given as "Name: value".</summary>
    public async Task<HttpResponseMessage> SendAsync(string path, params string[] headers)
    {
        using var request = new HttpRequestMessage(headers.Contains("POST") ? HttpMethod.Post : HttpMethod.Get, path);
        foreach (var header in headers.Where(static h => h.Contains(": ", StringComparison.Ordinal)))
            request.Headers.TryAddWithoutValidation(header[..header.IndexOf(": ", StringComparison.Ordinal)], header[(header.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
        return await Gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Prototype.DisposeAsync();
        File.Delete(file);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Reached.Enqueue((context.Request.Path, context.Request.Headers.ToDictionary(static h => h.Key, static h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        await context.Response.WriteAsync("the app\n");
        await context.Response.Body.FlushAsync();
        if (context.Request.Path.StartsWithSegments("/import/stream"))
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
    }

    private Task WriteAsync(Action<KeysUnderTest, JsonArray>? change)
    {
        var keys = new JsonArray(Entry("import", Import), Entry("backup", Backup));
        keys[0]!["Roles"] = new JsonArray("Importer");
        change?.Invoke(this, keys);
        return File.WriteAllTextAsync(file, new JsonObject
        {
            ["ApiKeys"] = new JsonObject { ["Keys"] = keys },
            ["Access"] = JsonNode.Parse("""{ "Rules": [ { "Name": "import", "Paths": ["/import/**"], "Keys": ["import"] }, { "Name": "open", "Paths": ["/open/**"], "Allow": "Anonymous" }, { "Name": "people", "Paths": ["/people/**"] } ] }"""),
        }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }
}
