using System.Diagnostics;

namespace Harden.Gateway.Telemetry;

/// <summary>Adds tracing.</summary>
internal static class TelemetryStage
{
    /// <summary>Adds section <c>Telemetry</c>.</summary>
    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder) => builder;

    /// <summary>Gives each request its trace id.</summary>
    public static void UseTelemetry(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        RequestScope.Of(context).TraceId = ActivityTraceId.CreateRandom().ToHexString();
        return next(context);
    });
}
