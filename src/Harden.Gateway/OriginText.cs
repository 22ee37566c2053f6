namespace Harden.Gateway;

/// <summary>Origins of web pages as browsers send them: scheme, host in ASCII, and a port unless it is the scheme's own.</summary>
internal static class OriginText
{
    /// <summary>True if a browser can send it, but for letter case and a slash at its end. Never for <c>null</c>, which a sandboxed page of anybody's sends.</summary>
    public static bool IsOrigin(string text) =>
        System.Text.Ascii.IsValid(text) && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
        && uri.GetLeftPart(UriPartial.Authority) == text.TrimEnd('/').ToLowerInvariant();
}
