using System.Text.Json;
using Harden.Audit;
using Harden.Gateway.Audit.Capture;
using Harden.Gateway.Audit.Policy;

namespace Harden.Gateway.Audit;

/// <summary>Writes what is known of an exchange's bodies: how much passed, how it ended, and what was kept or why nothing was.</summary>
internal readonly struct BodyDraft(PendingEntry entry, Exchange exchange, KeptBodies? kept)
{
    private readonly Utf8JsonWriter json = entry.Json;

    /// <summary>Writes the member <c>body</c>.</summary>
    /// <param name="ended">The exchange has ended; else it is still running.</param>
    public void Write(bool ended)
    {
        json.WriteStartObject("body"u8);
        if (exchange.Rule.Name.Length > 0)
            json.WriteString("rule"u8, exchange.Rule.Name);
        var left = exchange.Context.RequestAborted.IsCancellationRequested || exchange.Scope.Upstream?.Error == "client-left";
        var reset = exchange.Scope.Upstream?.BrokeOff == true;
        if (exchange.Request is { } request)
            Body("request"u8, request, exchange.Context.Request.Headers.ContentEncoding.ToString(), ended ? RequestEnd(request, left) : null, AuditLevel.Request, kept?.Request);
        Body("response"u8, exchange.Response, exchange.Context.Response.Headers.ContentEncoding.ToString(), !ended ? null : ResponseEnd(left, reset), AuditLevel.RequestResponse, kept?.Response);
        if (exchange.Tunnel is { } tunnel)
            json.WriteString("closedBy"u8, tunnel.By ?? (ended ? "nobody" : ""));
        json.WriteEndObject();
    }

    /// <summary>How the request's body ended.</summary>
    public static string RequestEnd(BodyTap request, bool left) => request.Ended ? "complete" : left ? "aborted" : "unread";

    // What the prototype broke off is cut off for the client too, so that comes first.
    private static string ResponseEnd(bool left, bool reset) => reset ? "reset" : left ? "aborted" : "complete";

    private void Body(ReadOnlySpan<byte> name, BodyTap tap, string encoding, string? end, AuditLevel needed, KeptBody? body)
    {
        json.WriteStartObject(name);
        json.WriteNumber("bytes"u8, tap.Bytes);
        if (encoding.Length > 0)
            json.WriteString("encoding"u8, AuditHeaders.Cut(encoding, 64));
        if (body is { Sealed: { } @sealed })
        {
            json.WriteNumber("captured"u8, body.Captured);
            json.WriteBoolean("truncated"u8, body.Truncated);
            entry.Attach(@sealed);
        }
        else if (end is not null && tap.Bytes > 0)
        {
            json.WriteString("notCaptured"u8, exchange.Rule.Level < needed ? "level" : body?.NotCaptured ?? "not-forwarded");
        }
        switch (tap.Frames)
        {
            case WebSocketFrames frames:
                Frames(frames);
                break;
            case GrpcMessages messages:
                json.WriteNumber("messages"u8, messages.Count);
                break;
        }
        if (end is not null)
            json.WriteString("end"u8, end);
        json.WriteEndObject();
    }

    private void Frames(WebSocketFrames frames)
    {
        json.WriteStartObject("frames"u8);
        Count("text"u8, frames.Text);
        Count("binary"u8, frames.Binary);
        Count("continuation"u8, frames.Continuation);
        Count("close"u8, frames.Close);
        Count("ping"u8, frames.Ping);
        Count("pong"u8, frames.Pong);
        Count("compressed"u8, frames.Compressed);
        json.WriteNumber("payload"u8, frames.Payload);
        Count("closeCode"u8, frames.CloseCode);
        Count("unparsed"u8, frames.Unparsed);
        json.WriteEndObject();
    }

    private void Count(ReadOnlySpan<byte> name, long count)
    {
        if (count > 0)
            json.WriteNumber(name, count);
    }
}
