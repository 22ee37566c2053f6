using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text;

namespace Harden.Gateway.Audit.Redaction;

/// <summary>
/// Takes out of paths, queries, addresses and header values what must not be on record, before it is drafted. Query values are recorded only
/// under keys that are allowed; what looks like a credential is recorded nowhere.
/// </summary>
internal sealed class Redactor(AuditOptions options)
{
    private const string Mark = "*";

    private static readonly string[] Harmless = ["page", "per_page", "pagesize", "page_size", "size", "limit", "offset", "skip", "take", "sort", "sortby", "order", "orderby", "dir", "lang", "locale", "tab", "view", "format", "v"];

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> keys =
        Harmless.Concat(options.QueryKeys).ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>A path: segments that look like credentials are replaced.</summary>
    public static string Path(string path, string pointer, Redactions found) =>
        SecretShape.Of(path) is null ? path : Masked(path, pointer, found); // the former nearly always

    /// <summary>A query without its question mark.</summary>
    public string Query(ReadOnlySpan<char> query, string pointer, Redactions found)
    {
        if (query.IsEmpty)
            return "";
        var result = new StringBuilder(query.Length);
        var count = 0;
        foreach (var range in query.Split('&'))
        {
            if (++count > 64)
            {
                result.Append("&…");
                break;
            }
            if (count > 1)
                result.Append('&');
            Pair(query[range], pointer, found, result);
        }
        return result.ToString();
    }

    /// <summary>An address, as in Referer and Location: path and query as above, no fragment, no user information.</summary>
    public string Address(string address, string pointer, Redactions found)
    {
        var text = address.AsSpan();
        if (text.IndexOf('#') is >= 0 and var hash)
        {
            text = text[..hash];
            found.Add(pointer, "fragment");
        }
        var mark = text.IndexOf('?');
        var path = (mark < 0 ? text : text[..mark]).ToString();
        var authority = path.IndexOf("//", StringComparison.Ordinal);
        if (authority >= 0)
        {
            var host = path.AsSpan(authority + 2);
            host = host.IndexOfAny('/', '\\') is >= 0 and var end ? host[..end] : host;
            if (host.LastIndexOf('@') is >= 0 and var at) // the last: a password may hold one
            {
                found.Add(pointer, "user-information");
                path = path.Remove(authority + 2, at + 1);
            }
        }
        path = Path(path, pointer, found);
        return mark < 0 ? path : string.Concat(path, "?", Query(text[(mark + 1)..], pointer, found));
    }

    /// <summary>Any other value: all of it, or nothing if it holds what looks like a credential.</summary>
    public static string Value(string value, string pointer, Redactions found)
    {
        if (SecretShape.Of(value) is not { } rule)
            return value;
        found.Add(pointer, rule);
        return Mark;
    }

    private static string Masked(string path, string pointer, Redactions found) => SecretShape.Mask(path, rule => found.Add(pointer, rule));

    private void Pair(ReadOnlySpan<char> pair, string pointer, Redactions found, StringBuilder result)
    {
        var equals = pair.IndexOf('=');
        var key = equals < 0 ? pair : pair[..equals];
        var value = equals < 0 ? default : pair[(equals + 1)..];
        var shown = key.IsEmpty || IsName(key) ? key : Mark; // a key that isn't a plain name may be the secret itself
        result.Append(shown);
        if (shown == Mark && !key.IsEmpty)
            found.Add(pointer, "query-key");
        if (equals < 0)
            return;
        result.Append('=');
        if (value.IsEmpty)
            return;
        // Encoded once more, a credential would pass the check of its shape.
        var rule = !keys.Contains(key) ? "query-value"
            : SecretNames.Of(key) == SecretName.Secret ? "secret-name"
            : SecretShape.Of(Uri.UnescapeDataString(value)) ?? SecretShape.Of(value);
        if (rule is null)
        {
            result.Append(value);
            return;
        }
        found.Add($"{pointer}/{shown}", rule);
        result.Append(Mark);
    }

    private bool IsName(ReadOnlySpan<char> key) => keys.Contains(key) || PlainName.Is(key);
}

/// <summary>What was taken out of one entry, and by which rule. Bounded: beyond that only the number counts.</summary>
internal sealed class Redactions
{
    private const int Most = 24;

    private List<(string Pointer, string Rule)>? found;

    /// <summary>Where, and by which rule.</summary>
    public ReadOnlySpan<(string Pointer, string Rule)> Found => CollectionsMarshal.AsSpan(found);

    public void Add(string pointer, string rule)
    {
        found ??= []; // of most requests nothing is taken out
        if (found.Count < Most)
            found.Add((pointer, rule));
    }

    /// <summary>Forgets what was added since there were so many.</summary>
    public void BackTo(int count) => found?.RemoveRange(count, found.Count - count);
}
