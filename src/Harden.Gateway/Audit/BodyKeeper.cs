using System.Buffers;
using Harden.Audit.Bodies;
using Harden.Gateway.Audit.Capture;
using Harden.Gateway.Audit.Policy;
using Harden.Gateway.Audit.Redaction;
using Harden.Gateway.Audit.Redaction.Formats;

namespace Harden.Gateway.Audit;

/// <summary>Makes of captured bodies what goes on record: redacted first, then sealed. A body that can't be redacted is not kept.</summary>
internal sealed partial class BodyKeeper(BodyRedactor redactor, BodyVault vault, ILogger log)
{
    private const int LargestKept = 128 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? scratch; // used between two calls of the same thread, never across a wait

    // A message that begins like JSON and isn't costs an exception; after so many no more are tried.
    private const int MostFailures = 8;

    /// <summary>What is kept of an exchange that has ended.</summary>
    public KeptBodies Keep(Exchange exchange)
    {
        var found = new Redactions();
        var left = exchange.Context.RequestAborted.IsCancellationRequested;
        var request = exchange.Request is { } tap && exchange.Rule.Level >= AuditLevel.Request
            ? Keep(exchange, tap, BodySide.Request, BodyDraft.RequestEnd(tap, left) != "complete", found)
            : null;
        var response = exchange.Rule.Level == AuditLevel.RequestResponse
            ? Keep(exchange, exchange.Response, BodySide.Response, left || exchange.Scope.Upstream?.Error is not null, found)
            : null;
        return new(request, response, found);
    }

    private KeptBody Keep(Exchange exchange, BodyTap tap, BodySide side, bool cut, Redactions found)
    {
        if (tap.Capture is not { } capture)
            return new(NotCaptured: side == BodySide.Response && exchange.IsOwnAnswer ? "own-answer" : NotKept.ContentType);
        if (capture.Length == 0)
            return new(NotCaptured: capture.OutOfMemory ? "memory" : capture.Truncated ? NotKept.Undecodable : NotKept.ContentType); // nothing but what is no text
        var output = scratch ??= new(8 * 1024);
        try
        {
            var pointer = side == BodySide.Request ? "/body/request" : "/body/response";
            var truncated = capture.Truncated || cut;
            var reason = tap.Frames is WebSocketFrames
                ? Messages(capture.Kept, truncated, exchange.Rule.Bodies, pointer, found, output)
                : Body(capture.Kept, truncated, Headers(exchange, side), exchange.Rule.Bodies, pointer, found, output);
            if (reason is not null)
                return new(NotCaptured: reason);
            var kept = output.WrittenSpan[..Math.Min(output.WrittenCount, BodyVault.MaxBody)];
            return vault.TrySeal(exchange.Scope.RequestId, side, kept) is { } @sealed
                ? new(@sealed, capture.Length, capture.Truncated || kept.Length < output.WrittenCount)
                : new(NotCaptured: "backlog");
        }
        catch (Exception e) // whatever a body does to the reader of its format, the rest of the entry goes on record
        {
            Log.Failed(log, exchange.Scope.TraceId, e);
            return new(NotCaptured: "error");
        }
        finally
        {
            if (output.Capacity > LargestKept)
                scratch = null;
            else
                output.Clear(); // what people wrote stays in memory no longer than need be
        }
    }

    private string? Body(ReadOnlyMemory<byte> body, bool truncated, IHeaderDictionary headers, BodyRules rules, string pointer, Redactions found, IBufferWriter<byte> output) =>
        redactor.Redact(new(body), truncated, headers.ContentType.ToString(), headers.ContentEncoding.ToString(), rules, pointer, found, output);

    private static IHeaderDictionary Headers(Exchange exchange, BodySide side) => side == BodySide.Request ? exchange.Context.Request.Headers : exchange.Context.Response.Headers;

    /// <summary>Each message by itself, since each may be a JSON text of its own, one a line.</summary>
    private string? Messages(ReadOnlyMemory<byte> kept, bool truncated, BodyRules rules, string pointer, Redactions found, ArrayBufferWriter<byte> output)
    {
        string? reason = null;
        var (any, failures) = (false, 0);
        for (var rest = kept; !rest.IsEmpty && output.WrittenCount <= BodyVault.MaxBody;)
        {
            rest = rest[1..];
            var end = rest.Span.IndexOf(WebSocketFrames.Separator);
            var message = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[end..];
            var type = message.Span.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..] ? "application/json" : "text/plain";
            var isJson = type == "application/json";
            var problem = isJson && failures == MostFailures ? NotKept.Undecodable
                : redactor.Redact(new(message), truncated && end < 0, type, "", rules, pointer, found, output);
            failures += isJson && problem is not null && failures < MostFailures ? 1 : 0;
            if (problem is not null)
                output.Write(System.Text.Encoding.ASCII.GetBytes($"({problem}, {message.Length} bytes)"));
            output.Write("\n"u8);
            any |= problem is null;
            reason = problem ?? reason;
        }
        return any ? null : reason;
    }

    private static partial class Log
    {
        [LoggerMessage(5005, LogLevel.Error, "A body could not be redacted, so it was not kept (reference {TraceId}).")]
        public static partial void Failed(ILogger log, string traceId, Exception e);
    }
}

/// <summary>What is kept of both bodies; null where nothing was to be.</summary>
internal sealed record KeptBodies(KeptBody? Request, KeptBody? Response, Redactions Redactions);

/// <summary>What is kept of one body.</summary>
/// <param name="Sealed">The body, redacted and sealed; null if nothing is kept.</param>
/// <param name="Captured">Bytes of the body that this was made of.</param>
/// <param name="Truncated">There was more.</param>
/// <param name="NotCaptured">Why nothing is kept, in a stable word.</param>
internal sealed record KeptBody(SealedBody? Sealed = null, int Captured = 0, bool Truncated = false, string NotCaptured = "");
