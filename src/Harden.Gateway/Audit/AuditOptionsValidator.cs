using Harden.Gateway.Audit.Redaction;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Audit;

/// <summary>What annotations can't say of <see cref="AuditOptions"/>.</summary>
internal static class AuditOptionsValidator
{
    private static readonly string[] Credentials = ["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Cookie2", "Set-Cookie2", "X-Api-Key", "Api-Key", "X-Auth-Token", "X-Csrf-Token", "X-Xsrf-Token"];

    public static void Validate(AuditOptions options, Problems problems)
    {
        Headers("RequestHeaders", options.RequestHeaders, problems);
        Headers("ResponseHeaders", options.ResponseHeaders, problems);
        for (var i = 0; i < options.QueryKeys.Length; i++)
        {
            if (options.QueryKeys[i].Length is 0 or > 64)
                problems.Add($"Audit:QueryKeys:{i}", "must be a query key of 1 to 64 characters.");
        }
        BodyOptionsValidator.Validate("Audit:Bodies", options.Bodies, problems);
    }

    private static void Headers(string key, string[] names, Problems problems)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length is 0 or > 64 || names[i].AsSpan().ContainsAnyExcept(HeaderNameCharacters))
                problems.Add($"Audit:{key}:{i}", "must be a header name such as X-Request-Reason.");
            else if (Credentials.Contains(names[i], StringComparer.OrdinalIgnoreCase))
                problems.Add($"Audit:{key}:{i}", "carries credentials, which must not be on record. Remove it.");
        }
    }

    private static readonly System.Buffers.SearchValues<char> HeaderNameCharacters =
        System.Buffers.SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}
