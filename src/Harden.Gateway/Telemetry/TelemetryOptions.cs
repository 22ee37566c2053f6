namespace Harden.Gateway.Telemetry;

/// <summary>
/// Section <c>Telemetry</c>: tracing. Where traces, metrics and logs are exported to is said by OpenTelemetry's own variables
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its relatives), so that one setting serves the whole system.
/// </summary>
internal sealed class TelemetryOptions
{
    /// <summary>
    /// Continue the trace that the caller's <c>traceparent</c> names. Default false: a stranger could otherwise choose trace ids,
    /// join another's trace or switch sampling on and off; the caller's trace is then kept as a link. Set it to true only where every
    /// request passes a proxy of your own that sets the header.
    /// </summary>
    public bool TrustIncomingTrace { get; set; }
}
