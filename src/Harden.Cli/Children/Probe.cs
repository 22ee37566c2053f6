using System.Net.NetworkInformation;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Harden.Cli.Run;

namespace Harden.Cli.Children;

/// <summary>Asks from outside whether something runs.</summary>
internal static partial class Probe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        // Only the status of our own child on this machine is read, often behind a development certificate nobody trusts.
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    }) { Timeout = Patience };

    /// <summary>True if something accepts connections there.</summary>
    public static async Task<bool> AcceptsAsync(string host, int port, CancellationToken cancel)
    {
        using var client = new TcpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        try
        {
            await client.ConnectAsync(host, port, limit.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>True if the address answers with 200.</summary>
    public static async Task<bool> AnswersAsync(Uri address, CancellationToken cancel)
    {
        try
        {
            using var response = await Http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancel);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>True if the gateway says it is <c>live</c> or <c>ready</c>; over HTTP/2 without TLS, true if it listens.</summary>
    public static Task<bool> GatewayAsync(Listener app, string state, CancellationToken cancel) => app.Address.Scheme == "h2c"
        ? AcceptsAsync(app.Url.Host, app.Url.Port, cancel)
        : AnswersAsync(new(app.Url, "/.harden/health/" + state), cancel);

    /// <summary>A port that the lines speak of, other than the expected one, and that accepts connections; null if there is none.</summary>
    public static async Task<int?> OtherPortAsync(string[] lines, int expected, CancellationToken cancel)
    {
        foreach (Match match in lines.Reverse().SelectMany(static line => MentionedPort().Matches(line)))
        {
            if (int.TryParse(match.Groups[1].ValueSpan, out var port) && port != expected && port is > 0 and < 65536 && await AcceptsAsync("localhost", port, cancel))
                return port;
        }
        return null;
    }

    /// <summary>An address of this machine other than loopback under which the port is open to the network; null if there is none.</summary>
    public static async Task<string?> ExposedAsync(int port, CancellationToken cancel)
    {
        var addresses = NetworkInterface.GetAllNetworkInterfaces()
            .Where(static card => card.OperationalStatus == OperationalStatus.Up && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
            .Where(static address => address.Address.AddressFamily == AddressFamily.InterNetwork);
        foreach (var address in addresses)
        {
            if (await AcceptsAsync(address.Address.ToString(), port, cancel))
                return address.Address.ToString();
        }
        return null;
    }

    [GeneratedRegex(@"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]|\bport)[: =]+(\d{2,5})\b", RegexOptions.IgnoreCase)]
    private static partial Regex MentionedPort();
}
