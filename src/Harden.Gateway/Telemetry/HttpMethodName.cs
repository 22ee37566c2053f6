namespace Harden.Gateway.Telemetry;

/// <summary>A request method as OpenTelemetry names it: the known ones, and one word for all others, because clients can invent any.</summary>
internal static class HttpMethodName
{
    /// <summary>Any method that is not known.</summary>
    public const string Other = "_OTHER";

    /// <summary>The name of a method. Methods are case-sensitive (RFC 9110 section 9.1).</summary>
    public static string Of(string method) => method switch
    {
        "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "PATCH" or "OPTIONS" or "CONNECT" or "TRACE" or "QUERY" => method,
        _ => Other,
    };
}
