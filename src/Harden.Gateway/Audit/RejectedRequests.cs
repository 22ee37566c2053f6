using System.Diagnostics;
using System.Net;
using Harden.Audit;
using Microsoft.AspNetCore.Http.Features;

namespace Harden.Gateway.Audit;

/// <summary>
/// Puts on record what the server itself refuses before any stage sees it: a malformed request line, headers too large or too slow. It is told
/// through Kestrel's diagnostic event. A flood of such must not fill the disk, so beyond some a second they are only counted.
/// </summary>
internal sealed class RejectedRequests(AuditTrail trail, DiagnosticListener diagnostics) : IObserver<KeyValuePair<string, object?>>, IHostedService, IDisposable
{
    /// <summary>The notice's reason.</summary>
    public const string Reason = "rejected-requests";

    /// <summary>How many entries a second at most.</summary>
    public const int EntriesPerSecond = 10;

    private const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private IDisposable? subscription;
    private ITimer? timer;
    private long second;
    private int entries;
    private long unrecorded;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // With a filter: without one, the host would start a span for each request.
        subscription = diagnostics.Subscribe(this, static name => name == Event);
        timer = trail.Time.CreateTimer(static self => ((RejectedRequests)self!).Tell(), this, Interval, Interval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void OnNext(KeyValuePair<string, object?> value)
    {
        // A request that has come as far as the stages is on record already.
        if (value.Value is not IFeatureCollection features || features.Get<RequestScope>() is not null || features.Get<IBadRequestExceptionFeature>()?.Error is not BadHttpRequestException error)
            return;
        if (MayRecord())
            trail.Reject(features.Get<IHttpConnectionFeature>()?.RemoteIpAddress ?? IPAddress.None, error.StatusCode, Word(error.Message));
        else
            Interlocked.Increment(ref unrecorded);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose()
    {
        subscription?.Dispose();
        timer?.Dispose();
        Tell();
    }

    // The server's sentence up to where it begins to quote the request, which may hold secrets.
    private static string Word(string message)
    {
        var end = message.AsSpan().IndexOfAny(":'\"");
        var fixedPart = (end < 0 ? message : message[..end]).TrimEnd('.', ' ');
        return fixedPart.Length is 0 or > 80 ? "malformed" : string.Create(fixedPart.Length, fixedPart, static (word, text) =>
        {
            for (var i = 0; i < word.Length; i++)
                word[i] = char.IsAsciiLetterOrDigit(text[i]) ? char.ToLowerInvariant(text[i]) : '-';
        });
    }

    private bool MayRecord()
    {
        var now = trail.Time.GetTimestamp() / trail.Time.TimestampFrequency;
        lock (gate)
        {
            if (now != second)
                (second, entries) = (now, 0);
            return ++entries <= EntriesPerSecond;
        }
    }

    private void Tell()
    {
        if (Interlocked.Exchange(ref unrecorded, 0) is > 0 and var count)
            trail.Tell(Reason, $"{count} more requests were refused by the server before any stage saw them: malformed, too large or too slow. Beyond {EntriesPerSecond} a second they are only counted.", count);
    }
}
