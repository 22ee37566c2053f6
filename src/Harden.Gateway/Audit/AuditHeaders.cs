using System.Text.Json;
using Harden.Gateway.Audit.Policy;
using Harden.Gateway.Audit.Redaction;
using Microsoft.Net.Http.Headers;

namespace Harden.Gateway.Audit;

/// <summary>The headers that are recorded: those listed here and those the configuration adds. All others leave no trace.</summary>
internal sealed class AuditHeaders
{
    private static readonly string[] Request =
    [
        HeaderNames.Accept, HeaderNames.AcceptLanguage, HeaderNames.ContentType, HeaderNames.ContentLength, HeaderNames.ContentEncoding, HeaderNames.Origin, HeaderNames.Referer,
        HeaderNames.Range, HeaderNames.Upgrade, "Sec-Fetch-Site", "Sec-Fetch-Mode", "X-Requested-With",
    ];

    private static readonly string[] Response =
    [
        HeaderNames.ContentType, HeaderNames.ContentLength, HeaderNames.ContentEncoding, HeaderNames.ContentDisposition, HeaderNames.Location, HeaderNames.CacheControl, HeaderNames.RetryAfter,
    ];

    private readonly Header[] request;
    private readonly Header[] response;

    /// <summary>Those that every rule records and those of one rule.</summary>
    public AuditHeaders(AuditOptions options, AuditRuleOptions rule)
    {
        request = Compile(Request, [.. options.RequestHeaders, .. rule.RequestHeaders]);
        response = Compile(Response, [.. options.ResponseHeaders, .. rule.ResponseHeaders]);
    }

    /// <summary>Whose headers.</summary>
    internal enum Side
    {
        Request,
        Response,
    }

    /// <summary>Writes the recorded ones of these headers as members of the open object.</summary>
    public void Write(Utf8JsonWriter json, IHeaderDictionary headers, Exchange exchange, Side side, Redactions redactions, int longest)
    {
        foreach (var header in side == Side.Request ? request : response)
        {
            if (!headers.TryGetValue(header.Name, out var values) || values.Count == 0)
                continue;
            var text = HeaderText.Decode(values.ToString());
            text = header.IsAddress
                ? exchange.Rule.Redactor.Address(text, header.Pointer, redactions)
                : Redactor.Value(text, header.Pointer, redactions);
            json.WriteString(header.Encoded, Cut(text, longest));
        }
    }

    /// <summary>The value, or its beginning and how much is missing.</summary>
    public static string Cut(string value, int longest) =>
        value.Length <= longest ? value : $"{value.AsSpan(0, longest)}…(+{value.Length - longest})";

    private static Header[] Compile(string[] always, string[] added) =>
        [.. always.Concat(added).Distinct(StringComparer.OrdinalIgnoreCase).Select(static name => new Header(name))];

    private sealed class Header(string name)
    {
        public string Name { get; } = name;

        public JsonEncodedText Encoded { get; } = JsonEncodedText.Encode(name.ToLowerInvariant());

        public string Pointer { get; } = $"/http/headers/{name.ToLowerInvariant()}";

        /// <summary>Its value may carry a query.</summary>
        public bool IsAddress { get; } = name.Equals(HeaderNames.Referer, StringComparison.OrdinalIgnoreCase) || name.Equals(HeaderNames.Location, StringComparison.OrdinalIgnoreCase)
            || name.Equals(HeaderNames.ContentLocation, StringComparison.OrdinalIgnoreCase) || name.Equals("Refresh", StringComparison.OrdinalIgnoreCase);
    }
}
