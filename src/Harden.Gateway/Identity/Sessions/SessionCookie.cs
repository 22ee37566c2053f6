using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>
/// The cookie that a signed-in browser holds: a random handle and nothing else, so there is nothing in it to read, forge or keep
/// after sign-out. The <c>__Host-</c> prefix makes browsers refuse it from a subdomain or without Secure.
/// </summary>
internal static class SessionCookie
{
    /// <summary>Its name; the proxy keeps it from the prototype.</summary>
    public const string Name = "__Host-harden";

    /// <summary>32 random bytes in base64url.</summary>
    public const int HandleLength = 43;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The handle in a Cookie header; null if there is none or it can't be one.</summary>
    public static string? Read(StringValues header)
    {
        foreach (var line in header)
        {
            var rest = line.AsSpan();
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf(';');
                var pair = (end < 0 ? rest : rest[..end]).Trim(" \t"); // the blanks of RFC 6265, as the proxy reads them, and no others
                rest = end < 0 ? [] : rest[(end + 1)..];
                if (pair.Length == Name.Length + 1 + HandleLength && pair[Name.Length] == '=' && pair.StartsWith(Name, StringComparison.Ordinal))
                {
                    var value = pair[(Name.Length + 1)..];
                    return value.ContainsAnyExcept(Alphabet) ? null : value.ToString();
                }
            }
        }
        return null;
    }

    /// <summary>Makes a new handle.</summary>
    public static string NewHandle() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Gives a handle to the browser.</summary>
    public static void Give(HttpResponse response, string handle) => response.Cookies.Append(Name, handle, Options());

    /// <summary>Takes it from the browser.</summary>
    public static void Delete(HttpResponse response) => response.Cookies.Delete(Name, Options());

    private static CookieOptions Options() => new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };
}
