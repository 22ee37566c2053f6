using Harden.Gateway.Audit.Policy;
using Harden.Gateway.Audit.Redaction;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Audit;

/// <summary>What annotations can't say of <see cref="AuditOptions"/>.</summary>
internal static class AuditOptionsValidator
{
    private static readonly string[] Credentials = ["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Cookie2", "Set-Cookie2", "X-Api-Key", "Api-Key", "X-Auth-Token", "X-Csrf-Token", "X-Xsrf-Token"];

    public static void Validate(AuditOptions options, Problems problems)
    {
        Lists("Audit", options.RequestHeaders, options.ResponseHeaders, options.QueryKeys, problems);
        BodyOptionsValidator.Validate("Audit:Bodies", options.Bodies, problems);
        for (var i = 0; i < options.Rules.Length; i++)
        {
            var rule = options.Rules[i];
            Lists($"Audit:Rules:{i}", rule.RequestHeaders, rule.ResponseHeaders, rule.QueryKeys, problems);
            BodyOptionsValidator.Validate($"Audit:Rules:{i}:Bodies", rule.Bodies, problems);
            if (rule.Bodies.JsonPointers.Length <= BodyRules.MostPointers && options.Bodies.JsonPointers.Length + rule.Bodies.JsonPointers.Length > BodyRules.MostPointers)
                problems.Add($"Audit:Rules:{i}:Bodies:JsonPointers", $"has {rule.Bodies.JsonPointers.Length} pointers and Audit:Bodies {options.Bodies.JsonPointers.Length}; at most {BodyRules.MostPointers} are possible together. Combine some with * or **.");
        }
        AuditRulesValidator.Validate(options.Rules, problems);
    }

    private static void Lists(string key, string[] requestHeaders, string[] responseHeaders, string[] queryKeys, Problems problems)
    {
        Headers($"{key}:RequestHeaders", requestHeaders, problems);
        Headers($"{key}:ResponseHeaders", responseHeaders, problems);
        for (var i = 0; i < queryKeys.Length; i++)
        {
            if (queryKeys[i].Length is 0 or > 64)
                problems.Add($"{key}:QueryKeys:{i}", "must be a query key of 1 to 64 characters.");
            else if (SecretNames.Of(queryKeys[i]) == SecretName.Secret)
                problems.Add($"{key}:QueryKeys:{i}", "names a secret, which is masked wherever it stands. Remove it.");
        }
    }

    private static void Headers(string key, string[] names, Problems problems)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length is 0 or > 64 || names[i].AsSpan().ContainsAnyExcept(HeaderNameCharacters))
                problems.Add($"{key}:{i}", "must be a header name such as X-Request-Reason.");
            else if (Credentials.Contains(names[i], StringComparer.OrdinalIgnoreCase))
                problems.Add($"{key}:{i}", "carries credentials, which must not be on record. Remove it.");
        }
    }

    private static readonly System.Buffers.SearchValues<char> HeaderNameCharacters =
        System.Buffers.SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}
