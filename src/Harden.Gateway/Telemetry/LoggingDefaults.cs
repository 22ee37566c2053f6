using Microsoft.Extensions.Configuration.Memory;

namespace Harden.Gateway.Telemetry;

/// <summary>
/// How Harden logs unless the framework's own section <c>Logging</c> says otherwise: one line an event, UTC, with the trace id. Set
/// <c>Logging:Console:FormatterName</c> to <c>json</c> for a log collector.
/// </summary>
internal static class LoggingDefaults
{
    private static readonly Dictionary<string, string?> Values = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        // Off, because it starts a second span for each request, and believes the caller's traceparent.
        ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
        ["Logging:LogLevel:Yarp"] = "Warning",
        // Their news is told once already, by Harden's own lines: a check that fails, a sign-in that begins or is refused.
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "Critical",
        ["Logging:LogLevel:Harden.Gateway.Identity.EntraHandler"] = "Warning",
        ["Logging:Console:FormatterName"] = "simple",
        ["Logging:Console:FormatterOptions:SingleLine"] = "true",
        ["Logging:Console:FormatterOptions:IncludeScopes"] = "true",
        ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
        ["Logging:Console:FormatterOptions:TimestampFormat"] = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ",
    };

    /// <summary>Adds the defaults below every other source, and the trace id to every line.</summary>
    public static void Add(WebApplicationBuilder builder)
    {
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = Values });
        builder.Logging.Configure(static logging => logging.ActivityTrackingOptions = ActivityTrackingOptions.TraceId);
    }
}
