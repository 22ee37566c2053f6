using Harden.Gateway.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Harden.Gateway.Telemetry;

/// <summary>Adds tracing, request metrics, logging with trace ids, and their export.</summary>
internal static class TelemetryStage
{
    /// <summary>Adds section <c>Telemetry</c>.</summary>
    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.AddSection<TelemetryOptions>("Telemetry", (_, problems) => OtlpSettings.Validate(builder.Configuration, problems));
        LoggingDefaults.Add(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<RequestMetrics>();
        OtlpExport.Add(builder);
        return builder;
    }

    /// <summary>Gives each request its span and trace id.</summary>
    public static void UseTelemetry(this IApplicationBuilder app) => app.UseMiddleware<TelemetryMiddleware>();
}
