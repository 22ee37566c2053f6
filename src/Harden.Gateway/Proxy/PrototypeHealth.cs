using System.Net.Sockets;
using System.Security.Authentication;
using Harden.Gateway.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Harden.Gateway.Proxy;

/// <summary>
/// Looks at the prototype every few seconds and remembers what it saw, so that asking for health costs the prototype nothing, however
/// often it is asked for.
/// </summary>
internal sealed partial class PrototypeHealth(Live<PrototypeOptions> live, TimeProvider time, ILogger<PrototypeHealth> log) : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan WhileDown = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HttpMessageInvoker client = PrototypeClient.Create(live);
    private HealthCheckResult seen = HealthCheckResult.Unhealthy("The app has not been looked at yet.");
    private bool reported; // the operator is told of a change, not of a state

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        lock (client)
            return Task.FromResult(seen);
    }

    /// <inheritdoc />
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (live.Current.Address is null)
        {
            throw new ConfigurationException([new("Prototype:Address", null,
                "is missing: Prototype:Command says how the app is started, but the gateway starts nothing. Run it with \"harden run\", or set where the app listens.", "")]);
        }
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        client.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var options = live.Current;
            var problem = await LookAsync(options, stoppingToken);
            if (stoppingToken.IsCancellationRequested)
                return;
            Remember(options, problem);
            await Task.Delay(problem is null ? options.HealthInterval : WhileDown, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Remember(PrototypeOptions options, string? problem)
    {
        lock (client)
            seen = problem is null ? HealthCheckResult.Healthy("The app answers.") : HealthCheckResult.Unhealthy(problem);
        if (problem is null && reported)
            Log.Up(log, options.Name, options.Address!);
        if (problem is not null && !reported)
            Log.Down(log, options.Name, options.Address!, problem.TrimEnd('.'));
        reported = problem is not null;
    }

    // Null, or what is wrong.
    private async Task<string?> LookAsync(PrototypeOptions options, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            return options.HealthPath is null ? await ConnectAsync(options, both.Token) : await AskAsync(options, both.Token);
        }
        catch (OperationCanceledException)
        {
            return $"It did not answer within {Patience.TotalSeconds:0} seconds.";
        }
        catch (Exception e) when (e is AuthenticationException or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError })
        {
            return $"The TLS handshake failed: {(e as HttpRequestException)?.InnerException?.Message ?? e.Message} "
                + "If it is the certificate, have an authority vouch for it that this machine trusts, or set Prototype:Certificate to its fingerprint.";
        }
        catch (Exception e) when (e is SocketException or HttpRequestException or IOException)
        {
            return e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError, InnerException: SocketException inner } ? inner.Message : e.Message;
        }
    }

    // With the handshake, if there is one: an app whose certificate is refused gets no request.
    private static async Task<string?> ConnectAsync(PrototypeOptions options, CancellationToken cancellation)
    {
        var address = options.Address!;
        await using var connection = await PrototypeClient.ConnectAsync(
            new(address.IdnHost, address.Port), address.Scheme == Uri.UriSchemeHttps, options.Http2 != Http2Use.Never, options.Certificate, cancellation);
        return null;
    }

    private async Task<string?> AskAsync(PrototypeOptions options, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(options.Address!.GetLeftPart(UriPartial.Path).TrimEnd('/') + options.HealthPath));
        if (options.Http2 == Http2Use.Always)
            (request.Version, request.VersionPolicy) = (System.Net.HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        using var answer = await client.SendAsync(request, cancellation);
        return (int)answer.StatusCode < 400 ? null : $"{options.HealthPath} answers with status {(int)answer.StatusCode}.";
    }

    private static partial class Log
    {
        [LoggerMessage(7001, LogLevel.Warning, "The app \"{Name}\" at {Address} is down ({Problem}). Is it started? Requests for it are answered with 502 until it is back.")]
        public static partial void Down(ILogger log, string name, Uri address, string problem);

        [LoggerMessage(7002, LogLevel.Information, "The app \"{Name}\" at {Address} is back.")]
        public static partial void Up(ILogger log, string name, Uri address);
    }
}
