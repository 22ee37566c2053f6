using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harden.Cli;

/// <summary>Talks to the running gateway of this machine, through the file it leaves in its state directory for whoever may read it.</summary>
internal sealed class ManagementClient : IDisposable
{
    /// <summary>Exit code where no gateway runs: <c>EX_UNAVAILABLE</c> of <c>sysexits.h</c>.</summary>
    public const int Unavailable = 69;

    /// <summary>Option for the state directory.</summary>
    public static readonly Option<string> State = new("--state")
    {
        HelpName = "DIRECTORY",
        Description = "State directory of the running gateway.",
        DefaultValueFactory = static _ => ".harden",
        Recursive = true,
    };

    private readonly HttpClient client;
    private readonly Uri address;

    private ManagementClient(Contact contact)
    {
        address = new(contact.Address);
        // The key is made anew at each start of the gateway, so there is nothing to gain by standing in for it on this machine.
        var handler = new HttpClientHandler { UseProxy = false, AllowAutoRedirect = false, ServerCertificateCustomValidationCallback = (_, _, _, _) => address.IsLoopback };
        client = new(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", contact.Key);
        client.DefaultRequestHeaders.Add("Harden-Account", Environment.UserName);
    }

    /// <summary>Finds the gateway.</summary>
    /// <exception cref="HostProblem">None runs here, or the file may not be read.</exception>
    public static ManagementClient Open(ParseResult parsed)
    {
        var directory = Path.GetFullPath(parsed.GetValue(State)!);
        var file = Path.Combine(directory, "run", "management.json");
        try
        {
            if (JsonSerializer.Deserialize(File.ReadAllBytes(file), ContactJson.Default.Contact) is { } contact)
                return new(contact);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new HostProblem($"No gateway runs with the state directory {directory}: it has no run/management.json. Start one with harden run, or name its directory with --state.", Unavailable);
        }
        catch (UnauthorizedAccessException)
        {
            throw new HostProblem($"{file} may be read only by the account the gateway runs as. Run this command as that account.", Unavailable);
        }
        catch (JsonException)
        {
            // Said below.
        }
        throw new HostProblem($"{file} does not say where the gateway is. Restart the gateway to have it written anew.", Unavailable);
    }

    /// <summary>Sends a request and returns the body of the answer, if the gateway did what was asked.</summary>
    /// <exception cref="HostProblem">It did not; the message says why, in the gateway's own words.</exception>
    public async Task<byte[]> SendAsync(HttpMethod method, string path, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            using var answer = await client.SendAsync(request, cancel);
            var body = await answer.Content.ReadAsByteArrayAsync(cancel);
            if (answer.IsSuccessStatusCode)
                return body;
            throw new HostProblem(answer.StatusCode is HttpStatusCode.Unauthorized
                ? $"What answers at {address} is not the gateway that wrote run/management.json. Is another one running there?"
                : Detail(body) ?? $"The gateway answered {(int)answer.StatusCode} to {method} {path}.");
        }
        catch (HttpRequestException)
        {
            throw new HostProblem($"Nobody answers at {address}: the gateway has stopped, or was killed.", Unavailable);
        }
    }

    public void Dispose() => client.Dispose();

    private static string? Detail(byte[] problem)
    {
        try
        {
            return JsonSerializer.Deserialize(problem, ContactJson.Default.Problem)?.Detail;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal sealed record Contact(string Address, string Key);

    internal sealed record Problem(string? Detail);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ManagementClient.Contact))]
[JsonSerializable(typeof(ManagementClient.Problem))]
internal sealed partial class ContactJson : JsonSerializerContext;
