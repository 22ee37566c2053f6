using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Harden.Hosting;

/// <summary>
/// Health of a program on this machine as the gateway sees it too: it accepts connections, or answers a path with a status below 400. Aspire's own
/// check wants one exact status.
/// </summary>
internal static class ListeningCheck
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false });

    /// <summary>Adds the check.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="path">The path to ask; null if a connection says enough.</param>
    public static IResourceBuilder<T> WithListeningCheck<T>(this IResourceBuilder<T> builder, int port, string? path = null)
        where T : IResource
    {
        var key = $"{builder.Resource.Name}-listens";
        builder.ApplicationBuilder.Services.AddHealthChecks().AddAsyncCheck(key, async cancel =>
        {
            try
            {
                return path is null ? await ConnectAsync(port, cancel) : await AskAsync(port, path, cancel);
            }
            catch (Exception e) when (e is SocketException or HttpRequestException)
            {
                return HealthCheckResult.Unhealthy($"Nothing answers on port {port} yet.");
            }
        });
        return builder.WithHealthCheck(key);
    }

    // "localhost" and not 127.0.0.1: some dev servers listen on ::1 alone, and both are tried.
    private static async Task<HealthCheckResult> ConnectAsync(int port, CancellationToken cancel)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("localhost", port, cancel);
        return HealthCheckResult.Healthy();
    }

    private static async Task<HealthCheckResult> AskAsync(int port, string path, CancellationToken cancel)
    {
        using var answer = await Client.GetAsync(new Uri($"http://localhost:{port}{path}"), HttpCompletionOption.ResponseHeadersRead, cancel);
        var status = (int)answer.StatusCode;
        return status < 400 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"{path} answers {status}.");
    }
}
