namespace Harden.Gateway.Tests.Differencing;

/// <summary>A difference that is meant.</summary>
/// <param name="Name">A few words.</param>
/// <param name="Reason">Why Harden differs, and why nobody misses it.</param>
/// <param name="Fits">Which differences it justifies.</param>
internal sealed record Justified(string Name, string Reason, Func<Difference, bool> Fits)
{
    /// <summary>The whole list. One that justifies nothing any more fails the test, so that it stays short.</summary>
    public static readonly Justified[] All =
    [
        new("trace id", "Harden tells the caller under which id the request is on record.",
            static d => d is { Part: "header:x-harden-trace" }),
        new("hop-by-hop fields", "They speak of one connection, and there are two (RFC 9110 section 7.6.1). Bodies and trailers are compared without their framing.",
            static d => Is(d, "connection", "keep-alive", "transfer-encoding", "proxy-connection", "upgrade", "x-only-here", "http2-settings", "proxy-authenticate", "proxy-authorization", "te")),
        new("Alt-Svc", "It would lead browsers around Harden, to a port of the prototype's own.",
            static d => d is { Part: "header:alt-svc", Through: "absent" }),
        new("Date added", "Who forwards an answer without a Date must add one (RFC 9110 section 6.6.1).",
            static d => d is { Part: "header:date", Straight: "absent" }),
        new("empty bodies", "No body, an empty chunked body and Content-Length: 0 mean the same; on 204 the field must not be sent at all (RFC 9110 section 8.6).",
            static d => Is(d, "content-length") && (d.Straight, d.Through) is ("absent", "\"0\"") or ("\"0\"", "absent")),
        new("repeated request fields", "They reach the prototype as one list, which means the same (RFC 9110 section 5.3; for cookies RFC 6265 section 5.4).",
            static d => d.Part.StartsWith("sent-header:", StringComparison.Ordinal) && d.Straight.Contains(" ⏎ ", StringComparison.Ordinal)
                && d.Straight.Replace("\" ⏎ \"", d.Part == "sent-header:cookie" ? "; " : ", ", StringComparison.Ordinal) == d.Through),
        new("HTTP/1.1 trailers", "Neither Kestrel nor HttpClient writes trailers over HTTP/1.1, and no browser shows them to a page. Over HTTP/2 (gRPC) they pass.",
            static d => d.Part.Contains("trailer:", StringComparison.Ordinal) && d.Through == "absent"),
        new("interim answers", "Expect is answered once, by Harden; 102 and 103 are hints that HttpClient does not hand on.",
            static d => d is { Part: "interim", Straight: "102" or "103", Through: "" } or { Part: "interim", Straight: "100 100", Through: "100" }),
        new("reason phrases", "An empty one is filled in and characters beyond ASCII are replaced. Clients should ignore the phrase (RFC 9112 section 4) and HTTP/2 has none.",
            static d => d.Part == "reason" && (d.Straight.Length == 0 || d.Straight.Any(static c => c > 0x7f))),
        new("forwarded fields", "What the prototype needs to know of the client's side of the gateway.",
            static d => Is(d, "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host") && d.Part.StartsWith("sent-", StringComparison.Ordinal)),
        new("who asks", "What Harden is for.",
            static d => d.Straight == "absent" && d.Request.Contains("(signed in)", StringComparison.Ordinal) && Is(d, "x-harden-user", "x-harden-name", "x-harden-email", "x-harden-roles", "x-harden-assertion")),
        new("trace context", "The prototype's spans hang below Harden's (W3C Trace Context); a stranger's trace is not joined.",
            static d => d.Part is "sent-header:traceparent" or "sent-header:tracestate"),
        new("forged identity", "Fields that only a proxy may set are taken from everyone who isn't one.",
            static d => Of(d, "/forged-identity", "/method-override") && (d.Through == "absent" || d.Part == "sent-header:x-harden-user") && d.Part.StartsWith("sent-header:", StringComparison.Ordinal)),
        new("Harden's own names", "A prototype can neither set nor clear Harden's cookie and fields.",
            static d => Of(d, "/answer-harden-names") && d is { Part: "header:set-cookie" or "header:x-harden-user", Through: "absent" }),
        new("absolute form", "A proxy rewrites the target to origin form (RFC 9112 section 3.2.1); a host that contradicts the Host field is refused.",
            static d => (Of(d, "/absolute-form") && d.Part == "sent-line") || Of(d, "/absolute-form-host") && d is { Part: "status" or "reason" or "sent-request" }),
    ];

    private static bool Of(Difference difference, params ReadOnlySpan<string> requests)
    {
        foreach (var request in requests)
        {
            if (difference.Request.EndsWith(request, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static bool Is(Difference difference, params ReadOnlySpan<string> names) =>
        names.Contains(difference.Part[(difference.Part.IndexOf(':', StringComparison.Ordinal) + 1)..]) && difference.Part.Contains("header:", StringComparison.Ordinal);
}
