using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Harden.Hosting;

/// <summary>Health of something of which no more is known than its port: it accepts connections.</summary>
internal static class ListeningCheck
{
    /// <summary>Adds the check.</summary>
    public static IResourceBuilder<T> WithListeningCheck<T>(this IResourceBuilder<T> builder, int port)
        where T : IResource
    {
        var key = $"{builder.Resource.Name}-listens";
        builder.ApplicationBuilder.Services.AddHealthChecks().AddAsyncCheck(key, async cancel =>
        {
            try
            {
                // "localhost" and not 127.0.0.1: some dev servers listen on ::1 alone, and both are tried.
                using var client = new TcpClient();
                await client.ConnectAsync("localhost", port, cancel);
                return HealthCheckResult.Healthy();
            }
            catch (SocketException)
            {
                return HealthCheckResult.Unhealthy($"Nothing listens on port {port} yet.");
            }
        });
        return builder.WithHealthCheck(key);
    }
}
