namespace Harden.DevEntra;

/// <summary>The redirect addresses of the one registered app, on two platforms as in Entra.</summary>
internal static class Registration
{
    /// <summary>Platform <em>Web</em>: a confidential client. Loopback with any port, and the gateway's callback.</summary>
    public const string CallbackPath = "/.harden/signin/callback";

    /// <summary>True if the address belongs to the registration.</summary>
    public static bool Knows(string? redirect) => IsWeb(redirect) || IsPublic(redirect);

    /// <summary>
    /// Platform <em>Mobile and desktop applications</em>: <c>http://localhost</c>, where Entra ignores the port. A program on somebody's
    /// machine can't keep a secret, so none is asked for and none is accepted.
    /// </summary>
    public static bool IsPublic(string? redirect) =>
        Loopback(redirect, out var uri) && uri is { Scheme: "http", Host: "localhost", AbsolutePath: "/" } && Bare(uri);

    /// <summary>True for an address on this machine.</summary>
    public static bool Loopback(string? text, out Uri uri) =>
        Uri.TryCreate(text, UriKind.Absolute, out uri!) && uri.IsLoopback && uri.Scheme is "http" or "https";

    private static bool IsWeb(string? redirect) => Loopback(redirect, out var uri) && uri.AbsolutePath == CallbackPath && Bare(uri);

    private static bool Bare(Uri uri) => uri.Query.Length + uri.Fragment.Length + uri.UserInfo.Length == 0;
}
