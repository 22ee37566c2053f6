using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity.ApiKeys;

/// <summary>What annotations can't say of <see cref="ApiKeysOptions"/>. Names are not repeated in messages: somebody may have put the key there.</summary>
internal static class ApiKeysOptionsValidator
{
    private static readonly string[] Taken = ["Authorization", "Proxy-Authorization", "Cookie", "Host", "Connection", "Upgrade", "Content-Length", "Content-Type", "Transfer-Encoding", "Origin"];

    public static void Validate(ApiKeysOptions options, Problems problems)
    {
        if (options.Header.Length is 0 or > 64 || options.Header.Any(static c => !char.IsAsciiLetterOrDigit(c) && c != '-') || Taken.Contains(options.Header, StringComparer.OrdinalIgnoreCase))
            problems.Add("ApiKeys:Header", "must be the name of a header of its own, letters, digits and '-', such as X-API-Key. Authorization: Bearer is read anyway.");
        for (var i = 0; i < options.Keys.Length; i++)
        {
            var (key, entry) = ($"ApiKeys:Keys:{i}", options.Keys[i]);
            var before = options.Keys.Take(i);
            if (entry.Name.Length == 0)
                problems.Add($"{key}:Name", "is missing: rules and records know the key by it.");
            else if (Guid.TryParse(entry.Name, out _))
                problems.Add($"{key}:Name", "must not be a GUID: the app is told it where a person's object id stands.");
            else if (before.Any(e => e.Name.Equals(entry.Name, StringComparison.OrdinalIgnoreCase)))
                problems.Add($"{key}:Name", "is the name of an earlier key too; rules and records could not tell them apart.");
            Hash($"{key}:Hash", entry, before, problems);
            if (entry.Expires is null)
                problems.Add($"{key}:Expires", "is missing: every key ends, such as at 2026-12-31T00:00:00Z. Renew it before, by a second key.");
            for (var r = 0; r < entry.Roles.Length; r++)
            {
                if (entry.Roles[r].StartsWith("Harden.", StringComparison.OrdinalIgnoreCase))
                    problems.Add($"{key}:Roles:{r}", "is a role of Harden itself, which is for people: records name who looked at them.");
                else if (entry.Roles[r].Length == 0 || entry.Roles[r].AsSpan().ContainsAny(" ,\t\r\n"))
                    problems.Add($"{key}:Roles:{r}", "must be one name without blanks and commas.");
            }
        }
    }

    private static void Hash(string key, ApiKeyOptions entry, IEnumerable<ApiKeyOptions> before, Problems problems)
    {
        if (ApiKeySecret.StandsIn(entry.Hash))
            problems.Add(key, "holds the key itself: whoever reads this file could use it. Make a new one with harden key create, and put its hash here.");
        else if (!IsHash(entry.Hash))
            problems.Add(key, "must be sha256: and 64 hexadecimal digits, as harden key create prints it.");
        else if (before.Any(e => e.Hash.Equals(entry.Hash, StringComparison.OrdinalIgnoreCase)))
            problems.Add(key, "is the hash of an earlier key too: give each its own.");
    }

    private static bool IsHash(string text) =>
        text.Length == ApiKeySecret.HashPrefix.Length + 64 && text.StartsWith(ApiKeySecret.HashPrefix, StringComparison.Ordinal) && text[ApiKeySecret.HashPrefix.Length..].All(char.IsAsciiHexDigit);
}
