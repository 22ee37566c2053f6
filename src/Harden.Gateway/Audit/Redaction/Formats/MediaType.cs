namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>The stable words for why nothing of a body is kept.</summary>
internal static class NotKept
{
    /// <summary>Its content type is none that can be redacted.</summary>
    public const string ContentType = "content-type";

    /// <summary>Its content encoding is none that can be read.</summary>
    public const string Encoding = "encoding";

    /// <summary>It is not what its content type, charset or content encoding says.</summary>
    public const string Undecodable = "undecodable";

    /// <summary>No rule keeps anything of such a body.</summary>
    public const string NotAllowed = "not-allowed";
}

/// <summary>How a body is read.</summary>
internal enum BodyFormat
{
    None,
    Json,
    JsonLines,
    Events,
    Form,
    Multipart,
    Text,
}

/// <summary>What a Content-Type says.</summary>
/// <param name="format">How the body is read.</param>
/// <param name="charset">Its charset, as sent; empty if there is none.</param>
/// <param name="boundary">The boundary of a multipart body; empty if there is none.</param>
internal readonly ref struct MediaType(BodyFormat format, ReadOnlySpan<char> charset, ReadOnlySpan<char> boundary)
{
    public BodyFormat Format { get; } = format;

    public ReadOnlySpan<char> Charset { get; } = charset;

    public ReadOnlySpan<char> Boundary { get; } = boundary;

    public static MediaType Parse(ReadOnlySpan<char> contentType)
    {
        var semicolon = contentType.IndexOf(';');
        var format = FormatOf((semicolon < 0 ? contentType : contentType[..semicolon]).Trim());
        return new(format, Parameter(contentType, "charset"), Parameter(contentType, "boundary"));
    }

    /// <summary>A parameter of a header's value; empty if it has none.</summary>
    public static ReadOnlySpan<char> Parameter(ReadOnlySpan<char> header, string name) => TryFind(header, name, out var value) ? value : default;

    /// <summary>Whether a header's value has a parameter.</summary>
    public static bool Has(ReadOnlySpan<char> header, string name) => TryFind(header, name, out _);

    private static bool TryFind(ReadOnlySpan<char> header, string name, out ReadOnlySpan<char> value)
    {
        for (var semicolon = EndOf(header); semicolon >= 0; semicolon = EndOf(header))
        {
            header = header[(semicolon + 1)..];
            var end = EndOf(header);
            var parameter = end < 0 ? header : header[..end];
            var equals = parameter.IndexOf('=');
            if (equals < 0 || !parameter[..equals].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                continue;
            value = parameter[(equals + 1)..].Trim().Trim('"');
            return true;
        }
        value = default;
        return false;
    }

    // A semicolon in quotes is none.
    private static int EndOf(ReadOnlySpan<char> parameters)
    {
        var quoted = false;
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i] == '"')
                quoted = !quoted;
            else if (parameters[i] == ';' && !quoted)
                return i;
        }
        return -1;
    }

    private static BodyFormat FormatOf(ReadOnlySpan<char> type)
    {
        if (type.Length is 0 or > 128)
            return BodyFormat.None;
        Span<char> lower = stackalloc char[128];
        lower = lower[..type.ToLowerInvariant(lower)];
        return lower switch
        {
            "application/json" or "text/json" or "application/graphql+json" or "application/csp-report" => BodyFormat.Json,
            "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" or "application/jsonlines" or "application/json-lines"
                or "application/stream+json" or "application/json-seq" => BodyFormat.JsonLines,
            "text/event-stream" => BodyFormat.Events,
            "application/x-www-form-urlencoded" => BodyFormat.Form,
            "multipart/form-data" => BodyFormat.Multipart,
            "application/xml" or "application/javascript" or "application/x-javascript" or "application/graphql" or "application/yaml" or "application/x-yaml"
                or "application/toml" or "application/sql" or "application/x-sh" => BodyFormat.Text,
            _ when lower.StartsWith("text/") || lower.EndsWith("+xml") => BodyFormat.Text,
            _ when lower.EndsWith("+json") => BodyFormat.Json,
            _ when lower.EndsWith("+yaml") => BodyFormat.Text,
            _ => BodyFormat.None,
        };
    }
}
