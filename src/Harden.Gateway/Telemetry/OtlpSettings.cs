using System.Globalization;
using Harden.Gateway.Configuration;
using OpenTelemetry.Exporter;

namespace Harden.Gateway.Telemetry;

/// <summary>OpenTelemetry's own variables, as far as Harden decides by them; the SDK reads the rest.</summary>
internal static class OtlpSettings
{
    /// <summary>The signals, as the variables spell them.</summary>
    public static readonly string[] Signals = ["TRACES", "METRICS", "LOGS"];

    private static readonly string[] Protocols = ["grpc", "http/protobuf"];

    /// <summary>Where a signal is exported to; null if it isn't.</summary>
    public static string? Endpoint(IConfiguration configuration, string signal)
    {
        var off = string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)
            || string.Equals(configuration[$"OTEL_{signal}_EXPORTER"], "none", StringComparison.OrdinalIgnoreCase);
        var endpoint = configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"] is { Length: > 0 } own ? own : configuration["OTEL_EXPORTER_OTLP_ENDPOINT"];
        return off || string.IsNullOrEmpty(endpoint) ? null : endpoint;
    }

    /// <summary>Applies the variables of one signal (<c>OTEL_EXPORTER_OTLP_TRACES_…</c>), which the SDK leaves to its caller; it has read the general ones.</summary>
    public static void Apply(IConfiguration configuration, string signal, OtlpExporterOptions options)
    {
        string? Own(string name) => configuration[$"OTEL_EXPORTER_OTLP_{signal}_{name}"] is { Length: > 0 } value ? value : null;

        if (Own("PROTOCOL") is { } protocol)
            options.Protocol = protocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        if (Own("ENDPOINT") is { } endpoint)
            options.Endpoint = new(endpoint); // used as it stands: only the general endpoint gets the signal's path appended
        if (Own("HEADERS") is { } headers)
            options.Headers = headers;
        if (int.TryParse(Own("TIMEOUT"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            options.TimeoutMilliseconds = milliseconds;
    }

    /// <summary>The SDK ignores what it can't read and exports to its default; refused here instead.</summary>
    public static void Validate(IConfiguration configuration, Problems problems)
    {
        foreach (var scope in Signals.Select(static signal => signal + "_").Prepend(""))
        {
            var endpoint = configuration[$"OTEL_EXPORTER_OTLP_{scope}ENDPOINT"];
            if (!string.IsNullOrEmpty(endpoint) && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
                problems.Add($"OTEL_EXPORTER_OTLP_{scope}ENDPOINT", "must be an absolute http or https address such as http://localhost:4317.");
            var protocol = configuration[$"OTEL_EXPORTER_OTLP_{scope}PROTOCOL"];
            if (!string.IsNullOrEmpty(protocol) && !Protocols.Contains(protocol, StringComparer.Ordinal))
                problems.Add($"OTEL_EXPORTER_OTLP_{scope}PROTOCOL", $"must be one of {string.Join(", ", Protocols)}.");
        }
    }
}
