using System.Net;
using System.Net.Http.Headers;
using Harden.Cli.Run;

namespace Harden.Cli.Tests.Token;

/// <summary>DevEntra, a prototype and a gateway before it, for a class of tests.</summary>
public sealed class EntraAndGateway : IAsyncLifetime
{
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("harden-test-");
    private readonly Uri entra = new($"http://localhost:{FreePorts.One()}/");
    private readonly Uri gateway = new($"http://127.0.0.1:{FreePorts.One()}/");
    private readonly List<HardenProcess> processes = [];

    public static HttpClient Browser { get; } = new();

    /// <summary>What harden and the gateway are told.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["AzureAd__Instance"] = entra.ToString(),
        ["AzureAd__TenantId"] = IdentityPlan.DevTenant,
        ["AzureAd__ClientId"] = IdentityPlan.DevClient,
        ["AzureAd__ClientSecret"] = "of the tests",
    };

    internal HardenProcess Harden(params string[] words) => HardenProcess.Start("harden.dll", Environment, words);

    public async Task InitializeAsync()
    {
        processes.Add(HardenProcess.Start("Harden.DevEntra.dll", new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development", ["DevEntra__Listen"] = entra.ToString(), ["DevEntra__ClientSecret"] = "of the tests", ["DevEntra__DeviceCodeInterval"] = "1",
        }));
        processes.Add(HardenProcess.Start("Harden.Gateway.dll", new Dictionary<string, string>(Environment)
        {
            ["Edge__Listen__0"] = gateway.ToString().TrimEnd('/'), ["Console__Listen__0"] = "http://127.0.0.1:0", ["Prototype__Address"] = entra.ToString(), // any web app will do
            ["StateDirectory"] = state.FullName, ["Access__Default"] = "SignedIn",
        }));
        await ReadyAsync(entra, HttpStatusCode.OK);
        await ReadyAsync(gateway, HttpStatusCode.Unauthorized);
    }

    /// <summary>What the gateway answers to a caller with the token.</summary>
    public async Task<HttpStatusCode> CallAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var answer = await Browser.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>Enters a device code and picks who to be.</summary>
    public async Task EnterAsync(string code, string persona)
    {
        using var answer = await Browser.PostAsync(new Uri(entra, "/devicelogin"), new FormUrlEncodedContent([new("otc", code), new("persona", persona)]));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Has DevEntra fail.</summary>
    public async Task FaultAsync(params (string Name, string Value)[] fields)
    {
        using var answer = await Browser.PostAsync(new Uri(entra, "/dev/faults"), new FormUrlEncodedContent(fields.Select(static f => KeyValuePair.Create(f.Name, f.Value))));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task DisposeAsync()
    {
        foreach (var process in processes)
            await process.DisposeAsync();
        state.Delete(recursive: true);
    }

    private static async Task ReadyAsync(Uri address, HttpStatusCode expected)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            try
            {
                using var answer = await Browser.GetAsync(address, limit.Token);
                Assert.Equal(expected, answer.StatusCode);
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }
}
