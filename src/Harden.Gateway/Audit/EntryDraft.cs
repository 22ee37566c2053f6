using System.Net;
using System.Text.Json;
using Harden.Audit;
using Harden.Gateway.Audit.Redaction;

namespace Harden.Gateway.Audit;

/// <summary>
/// Writes what is known of an exchange as one entry. Nothing is copied from the request that is not named here; every field is bounded, and
/// if they are too long together all bounds are tightened.
/// </summary>
internal sealed class EntryDraft(TimeProvider time)
{
    /// <summary>Drafts an entry.</summary>
    /// <param name="entry">An empty entry.</param>
    /// <param name="stage">Intent, progress, completion or denial.</param>
    /// <param name="exchange">What it is about.</param>
    /// <param name="kept">What is kept of its bodies; null while nothing is.</param>
    public void Write(PendingEntry entry, EntryStage stage, Exchange exchange, KeptBodies? kept = null)
    {
        for (var longest = 2048; ; longest /= 4)
        {
            new Draft(entry, exchange, kept, longest).Write(stage, time);
            if (entry.Body.Length <= EntryFrame.MaxBody || longest < 32)
                return;
            entry.Clear();
        }
    }

    /// <summary>Drafts the entry of a request of which nothing is known but who sent it and why it was refused.</summary>
    public static void WriteRejection(PendingEntry entry, IPAddress peer, int status, string reason, TimeProvider time)
    {
        var json = entry.Json;
        var address = AddressText.Of(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer);
        json.WriteStartObject();
        json.WriteString("stage"u8, NoticeEntry.Name(EntryStage.Denial));
        json.WriteString("requestId"u8, Guid.CreateVersion7().ToString("N"));
        json.WriteString("time"u8, time.GetUtcNow().UtcDateTime);
        json.WriteNumber("monoNs"u8, Monotonic.Nanoseconds(time));
        json.WriteStartObject("source"u8);
        json.WriteString("peer"u8, address);
        json.WriteString("client"u8, address);
        json.WriteEndObject();
        json.WriteStartObject("http"u8);
        json.WriteNumber("status"u8, status);
        json.WriteEndObject();
        json.WriteStartObject("decision"u8);
        json.WriteString("action"u8, "refuse"u8);
        json.WriteString("reason"u8, reason);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>The action as it is written.</summary>
    public static ReadOnlySpan<byte> ActionName(DecisionAction action) => action switch
    {
        DecisionAction.Forward => "forward"u8,
        DecisionAction.Answer => "answer"u8,
        DecisionAction.SignIn => "signIn"u8,
        DecisionAction.Deny => "deny"u8,
        DecisionAction.Limit => "limit"u8,
        DecisionAction.Refuse => "refuse"u8,
        DecisionAction.Fail => "fail"u8,
        _ => "none"u8,
    };

    /// <summary>One attempt.</summary>
    private readonly struct Draft(PendingEntry entry, Exchange exchange, KeptBodies? kept, int longest)
    {
        private readonly Utf8JsonWriter json = entry.Json;
        private readonly Redactions redactions = new();

        public void Write(EntryStage stage, TimeProvider time)
        {
            var scope = exchange.Scope;
            json.WriteStartObject();
            json.WriteString("stage"u8, NoticeEntry.Name(stage));
            json.WriteString("requestId"u8, scope.RequestId);
            json.WriteString("traceId"u8, scope.TraceId);
            json.WriteString("spanId"u8, scope.SpanId);
            json.WriteString("time"u8, time.GetUtcNow().UtcDateTime);
            json.WriteNumber("monoNs"u8, Monotonic.Nanoseconds(time));
            var whole = stage is EntryStage.Intent or EntryStage.Denial;
            var ended = stage is EntryStage.Completion or EntryStage.Denial;
            if (whole)
            {
                Actor(scope.Subject);
                Source(scope);
            }
            Http(scope, whole, answered: stage != EntryStage.Intent);
            if (stage != EntryStage.Intent)
                new BodyDraft(entry, exchange, kept).Write(ended);
            if (stage != EntryStage.Progress)
                Decision(scope);
            if (ended && scope.Upstream is { } upstream)
                Upstream(upstream);
            Timing(time);
            foreach (var (pointer, rule) in kept?.Redactions.Found ?? [])
                redactions.Add(pointer, rule);
            Redacted();
            json.WriteEndObject();
            json.Flush();
        }

        private void Actor(Subject? subject)
        {
            if (subject is null)
                return;
            json.WriteStartObject("actor"u8);
            json.WriteString("tenant"u8, Cut(subject.Tenant));
            json.WriteString("subject"u8, Cut(subject.ObjectId));
            json.WriteString("display"u8, Cut(subject.Name.Length > 0 && subject.Email.Length > 0 ? $"{subject.Name} <{subject.Email}>" : subject.Name + subject.Email));
            json.WriteString("scheme"u8, subject.Scheme);
            json.WriteStartArray("roles"u8);
            for (var i = 0; i < Math.Min(subject.Roles.Count, 32); i++)
                json.WriteStringValue(Cut(subject.Roles[i], 128));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        private void Source(RequestScope scope)
        {
            json.WriteStartObject("source"u8);
            json.WriteString("peer"u8, AddressText.Of(scope.Peer));
            json.WriteString("client"u8, AddressText.Of(scope.Client));
            var agent = exchange.Context.Request.Headers.UserAgent;
            if (agent.Count > 0)
                json.WriteString("userAgent"u8, Cut(Redactor.Value(HeaderText.Decode(agent.ToString()), "/source/userAgent", redactions), 512));
            json.WriteEndObject();
        }

        private void Http(RequestScope scope, bool whole, bool answered)
        {
            var request = exchange.Context.Request;
            json.WriteStartObject("http"u8);
            if (whole)
            {
                json.WriteString("method"u8, Cut(Redactor.Value(request.Method, "/http/method", redactions), 64));
                var raw = scope.RawTarget;
                var mark = raw.IndexOf('?', StringComparison.Ordinal);
                var path = scope.Path.Length > 0 ? scope.Path : HeaderText.Decode(mark < 0 ? raw : raw[..mark]);
                json.WriteString("path"u8, Cut(IsOfTheRecord(path) ? path : Redactor.Path(path, "/http/path", redactions)));
                if (mark >= 0 && mark + 1 < raw.Length)
                    json.WriteString("query"u8, Cut(HeaderText.Decode(exchange.Rule.Redactor.Query(raw.AsSpan(mark + 1), "/http/query", redactions))));
                json.WriteString("host"u8, Cut(Redactor.Value(HeaderText.Decode(request.Headers.Host.ToString()), "/http/host", redactions), 256));
                json.WriteString("version"u8, Cut(request.Protocol, 16));
                json.WriteStartObject("requestHeaders"u8);
                exchange.Rule.Headers.Write(json, request.Headers, exchange, AuditHeaders.Side.Request, redactions, Math.Min(longest, 512));
                json.WriteEndObject();
            }
            if (answered && exchange.Status > 0)
            {
                json.WriteNumber("status"u8, exchange.Status);
                json.WriteStartObject("responseHeaders"u8);
                exchange.Rule.Headers.Write(json, exchange.Context.Response.Headers, exchange, AuditHeaders.Side.Response, redactions, Math.Min(longest, 512));
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }

        private void Decision(RequestScope scope)
        {
            var decision = scope.Decision;
            json.WriteStartObject("decision"u8);
            json.WriteString("action"u8, ActionName(decision.Action));
            json.WriteString("reason"u8, decision.Reason);
            if (decision.Rule is not null)
                json.WriteString("rule"u8, decision.Rule);
            if (decision.Limit is not null)
                json.WriteString("limit"u8, decision.Limit);
            if (decision.WouldDeny is not null)
                json.WriteString("wouldDeny"u8, decision.WouldDeny);
            if (scope.WouldLimit is not null)
                json.WriteString("wouldLimit"u8, scope.WouldLimit);
            if (scope.Target is not null)
                json.WriteString("target"u8, Cut(scope.Target, 256));
            json.WriteEndObject();
        }

        private void Upstream(Upstream upstream)
        {
            json.WriteStartObject("upstream"u8);
            if (upstream.Error is not null)
                json.WriteString("error"u8, upstream.Error);
            json.WriteNumber("attempts"u8, upstream.Attempts);
            json.WriteEndObject();
        }

        private void Timing(TimeProvider time)
        {
            json.WriteStartObject("timing"u8);
            json.WriteNumber("totalUs"u8, Microseconds(time, (exchange.Ended != 0 ? exchange.Ended : time.GetTimestamp()) - exchange.Started));
            if (exchange.HasIntent)
                json.WriteNumber("intentUs"u8, Microseconds(time, exchange.IntentTicks));
            if (exchange.Response.First != 0)
                json.WriteNumber("firstByteUs"u8, Microseconds(time, exchange.Response.First - exchange.Started));
            json.WriteEndObject();
        }

        private void Redacted()
        {
            if (redactions.Found.Count == 0)
                return;
            json.WriteStartArray("redactions"u8);
            foreach (var (pointer, rule) in redactions.Found)
            {
                json.WriteStartObject();
                json.WriteString("pointer"u8, Cut(pointer, 128));
                json.WriteString("rule"u8, rule);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }

        // On the console's listener, ids of requests and traces are what tells one look at the record from another; they open nothing by themselves.
        private bool IsOfTheRecord(string path)
        {
            if (!ManagementConnection.Carries(exchange.Context))
                return false;
            var parts = path.Split('/');
            return parts is ["", "record", _] or ["", "body", _, "request" or "response"] or ["", "body", _, "request" or "response", "download"]
                && parts[2].Length == 32 && parts[2].All(char.IsAsciiHexDigitLower);
        }

        private string Cut(string value, int most = int.MaxValue) => AuditHeaders.Cut(value, Math.Min(longest, most));

        private static long Microseconds(TimeProvider time, long ticks) => (long)(ticks * (1e6 / time.TimestampFrequency));
    }
}
