using System.Text;

namespace Harden.Gateway.Identity;

/// <summary>Where to go after sign-in: a path of this origin and nothing else.</summary>
internal static class ReturnUrl
{
    // It travels to Entra and back inside the state, in a URL.
    private const int MaxLength = 2000;

    /// <summary>The address if it is a path that no browser can read as another origin, else <c>/</c>.</summary>
    public static string Local(string? asked)
    {
        if (asked is null || asked.Length is 0 or > MaxLength || asked.Any(char.IsControl) || asked.Contains('\\'))
            return "/";
        var end = asked.AsSpan().IndexOfAny('?', '#');
        var path = end < 0 ? asked : asked[..end];
        // Whatever stands between here and the browser may decode once more: no layer of encoding may hide another origin.
        for (var round = 0; ; round++)
        {
            if (path.Length == 0 || path[0] != '/' || path.AsSpan(1).TrimStart().StartsWith("/") || path.Contains('\\') || path.Any(char.IsControl))
                return "/";
            var decoded = Uri.UnescapeDataString(path);
            if (decoded == path)
                break;
            if (round == 3)
                return "/";
            path = decoded;
        }
        // Going back to sign-in or sign-out would loop.
        return ReservedPrefix.Owns(path) ? "/" : Ascii(asked);
    }

    private static string Ascii(string text)
    {
        if (System.Text.Ascii.IsValid(text))
            return text;
        var result = new StringBuilder(text.Length + 32);
        foreach (var rune in text.EnumerateRunes())
            result.Append(rune.IsAscii ? rune.ToString() : Uri.EscapeDataString(rune.ToString()));
        return result.ToString();
    }
}
