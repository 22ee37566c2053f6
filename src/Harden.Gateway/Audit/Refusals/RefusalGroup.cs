using Harden.Audit;
using Harden.Gateway.Audit.Redaction;

namespace Harden.Gateway.Audit.Refusals;

/// <summary>Refusals that are counted together: how many, and as their example the latest of them, of which the entry tells.</summary>
/// <param name="since">When the first came.</param>
/// <param name="several">They are of several addresses, which are not told apart any more.</param>
internal sealed class RefusalGroup(DateTimeOffset since, bool several)
{
    private const int Longest = 512;

    private RequestScope scope = null!;
    private string method = "", userAgent = "";
    private int status;

    /// <summary>How many.</summary>
    public long Count { get; private set; }

    /// <summary>Counts one. The latest is the example: nobody who sends many can choose which it will be.</summary>
    public void Add(Exchange exchange)
    {
        Count++;
        (scope, status) = (exchange.Scope, exchange.Status);
        (method, userAgent) = (exchange.Context.Request.Method, exchange.Context.Request.Headers.UserAgent.ToString());
    }

    /// <summary>Drafts the entry.</summary>
    public void Write(PendingEntry entry, TimeProvider time)
    {
        var (json, redactions) = (entry.Json, new Redactions());
        json.WriteStartObject();
        json.WriteString("stage"u8, NoticeEntry.Name(EntryStage.Denial));
        json.WriteString("requestId"u8, scope.RequestId);
        json.WriteString("traceId"u8, scope.TraceId);
        json.WriteString("spanId"u8, scope.SpanId);
        json.WriteString("time"u8, time.GetUtcNow().UtcDateTime);
        json.WriteNumber("monoNs"u8, Monotonic.Nanoseconds(time));
        if (!several)
        {
            json.WriteStartObject("source"u8);
            json.WriteString("peer"u8, AddressText.Of(scope.Peer));
            json.WriteString("client"u8, AddressText.Of(scope.Client));
            if (userAgent.Length > 0)
                json.WriteString("userAgent"u8, Cut(Redactor.Value(HeaderText.Decode(userAgent), "/source/userAgent", redactions)));
            json.WriteEndObject();
        }
        json.WriteStartObject("http"u8);
        json.WriteString("method"u8, Cut(Redactor.Value(method, "/http/method", redactions)));
        if (scope.Path.Length > 0) // else it can't be read in one way only
            json.WriteString("path"u8, Cut(Redactor.Path(scope.Path, "/http/path", redactions)));
        json.WriteNumber("status"u8, status);
        json.WriteEndObject();
        Decision();
        json.WriteEndObject();
        json.Flush();

        void Decision()
        {
            var decision = scope.Decision;
            json.WriteStartObject("decision"u8);
            json.WriteString("action"u8, EntryDraft.ActionName(decision.Action));
            json.WriteString("reason"u8, decision.Reason);
            if (decision.Rule is not null)
                json.WriteString("rule"u8, decision.Rule);
            if (decision.Limit is not null)
                json.WriteString("limit"u8, decision.Limit);
            if (Count > 1)
            {
                json.WriteNumber("more"u8, Count - 1);
                json.WriteString("since"u8, since.UtcDateTime);
                if (several)
                    json.WriteBoolean("severalClients"u8, true);
            }
            json.WriteEndObject();
        }
    }

    private static string Cut(string value) => AuditHeaders.Cut(value, Longest);
}
