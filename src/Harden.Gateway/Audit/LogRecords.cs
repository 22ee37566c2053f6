using System.Threading.Channels;
using Harden.Audit;

namespace Harden.Gateway.Audit;

/// <summary>
/// Offers finished exchanges as OpenTelemetry log records, made of the same redacted entry. The log on disk is the truth: what does not fit in
/// the queue here is dropped and counted, and nothing waits for it.
/// </summary>
internal sealed class LogRecords(AuditMetrics metrics, LogRecordExport? export = null) : BackgroundService
{
    private const int QueueLength = 2048;

    private readonly Channel<byte[]> queue = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

    /// <summary>Takes an entry that tells the whole exchange.</summary>
    public void Offer(ReadOnlySpan<byte> entry)
    {
        if (!queue.Writer.TryWrite(entry.ToArray()))
            metrics.LogRecordDropped();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        if (ExecuteTask is { } draining)
            await draining.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (export is null)
            return;
        while (await queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            // As many as the exporter's queue holds, and no more before they are sent: it would drop without telling.
            for (var count = 0; count < LogRecordExport.Batch && queue.Reader.TryRead(out var line); count++)
            {
                if (AuditEntry.TryParse(line) is { } entry)
                    export.Send(RecordOf(entry));
            }
            await Task.Run(export.Flush, CancellationToken.None);
        }
    }

    // Names by OpenTelemetry's conventions where there are any.
    private static FinishedExchange RecordOf(AuditEntry entry)
    {
        var http = entry.Http ?? new();
        var record = new FinishedExchange($"{http.Method} {http.Path} {http.Status}", entry.Time.UtcDateTime, entry.TraceId, entry.SpanId);
        void Add(string name, object? value)
        {
            if (value is not (null or "" or 0 or 0L))
                record.Add(new(name, value));
        }
        Add("event.name", "harden.exchange");
        Add("harden.request_id", entry.RequestId);
        Add("http.request.method", http.Method);
        Add("url.path", http.Path);
        Add("url.query", http.Query);
        Add("server.address", http.Host);
        Add("http.response.status_code", http.Status);
        Add("http.request.body.size", entry.Body?.Request?.Bytes);
        Add("http.response.body.size", entry.Body?.Response?.Bytes);
        Add("http.server.request.duration", entry.Timing is { TotalUs: > 0 } timing ? timing.TotalUs / 1e6 : null);
        Add("client.address", entry.Source?.Client);
        Add("network.peer.address", entry.Source?.Peer);
        Add("user_agent.original", entry.Source?.UserAgent);
        Add("user.id", entry.Actor is { } actor ? $"{actor.Tenant}/{actor.Subject}" : null);
        Add("user.full_name", entry.Actor?.Display);
        Add("user.roles", entry.Actor?.Roles is { Count: > 0 } roles ? string.Join(',', roles) : null);
        Add("harden.scheme", entry.Actor?.Scheme);
        Add("harden.decision", entry.Decision?.Action);
        Add("harden.reason", entry.Decision?.Reason);
        Add("harden.rule", entry.Decision?.Rule);
        Add("harden.limit", entry.Decision?.Limit);
        Add("harden.target", entry.Decision?.Target);
        Add("harden.upstream.error", entry.Upstream?.Error);
        return record;
    }
}
