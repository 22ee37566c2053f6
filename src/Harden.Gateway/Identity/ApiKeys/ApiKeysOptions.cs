using System.ComponentModel.DataAnnotations;

namespace Harden.Gateway.Identity.ApiKeys;

/// <summary>Section <c>ApiKeys</c>: programs that can't sign in with Entra. Only hashes are kept; <c>harden key create NAME</c> makes a key and its entry.</summary>
internal sealed class ApiKeysOptions
{
    /// <summary>
    /// Request header for clients that can't send <c>Authorization: Bearer</c>. What it carries is taken for a key only if it begins with
    /// <c>harden_</c>; anything else is the app's own affair and forwarded. Default <c>X-API-Key</c>.
    /// </summary>
    public string Header { get; set; } = "X-API-Key";

    /// <summary>The keys. Taking one out, or marking it revoked, ends it at once, with what runs on it.</summary>
    public ApiKeyOptions[] Keys { get; set; } = [];
}

/// <summary>One key. It opens nothing by itself: access rules name it in their <c>Keys</c>.</summary>
internal sealed class ApiKeyOptions
{
    /// <summary>Name in rules, records and counts, such as <c>nightly-import</c>; letters, digits and <c>. _ -</c>, at most 64.</summary>
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", ErrorMessage = "must be a name of letters, digits, '.', '_' and '-', at most 64, such as nightly-import.")]
    public string Name { get; set; } = "";

    /// <summary><c>sha256:</c> and the SHA-256 of the key in hexadecimal digits, as <c>harden key create</c> prints it.</summary>
    public string Hash { get; set; } = "";

    /// <summary>When it ends, such as <c>2026-12-31T00:00:00Z</c>. Needed: a key that nobody renews is one that nobody misses.</summary>
    public DateTimeOffset? Expires { get; set; }

    /// <summary>App roles the prototype is told in <c>X-Harden-Roles</c>. Rules don't ask for them: they name the key. Default: none.</summary>
    public string[] Roles { get; set; } = [];

    /// <summary>The key is refused from now on, and the record still says whose it was. Default false.</summary>
    public bool Revoked { get; set; }
}
