namespace Harden.Gateway;

/// <summary>
/// Names of request headers that only Harden may set, because a prototype, or a framework below it, would believe them. CGI and WSGI
/// turn <c>-</c> into <c>_</c>, some of them whatever is no letter or digit, so all such spellings are one name.
/// </summary>
internal static class IdentityHeaders
{
    // Of proxies that tell apps who asks. The last two are no proxy's: Next.js let whoever sent the first past an app's own checks
    // (CVE-2025-29927), and some of its versions route by the second instead of the path.
    private static readonly string[] Prefixes =
    [
        "x-harden-", "x-ms-client-principal", "x-ms-token-", "x-forwarded-", "x-auth-request-", "remote-", "cf-access-", "x-goog-",
        "x-remote-", "x-webauth-", "x-authentik-", "x-pomerium-", "x-amzn-oidc-", "x-appengine-", "x-ssl-client-", "ssl-client-", "tailscale-user-", "oidc-claim-",
        "x-original-", "x-vouch-", "x-consumer-", "x-credential-identifier", "x-auth-user", "x-envoy-", "x-middleware-subrequest", "x-invoke-",
    ];

    // Gunicorn (github.com/benoitc/gunicorn/issues/2650) and apps behind other servers take from them where they are mounted, and cut it off
    // the path: with SCRIPT_NAME: /public the app would read /public/admin as /admin, and the rules have let /public/** through.
    private static readonly string[] Mounts = ["script-name", "path-info", "x-script-name"];

    private static readonly string[] Names =
    [
        "forwarded", "x-forwarded", "x-forward-for", "x-rewrite-url", "x-matched-path", "x-scheme", "x-url-scheme", "front-end-https", "x-real-ip", "x-client-ip",
        "x-cluster-client-ip", "true-client-ip", "fastly-client-ip", "x-azure-clientip", "x-azure-socketip", "cf-connecting-ip", "x-http-method-override", "x-http-method", "x-method-override",
        "x-user", "x-authenticated-user", "x-host", "proxy", "x-arr-ssl", "x-arr-clientcert", "x-client-cert",
    ];

    // With another separator these mean nothing here, but would end a message elsewhere for a server that folds names.
    private static readonly string[] Framing = ["content-length", "transfer-encoding"];

    /// <summary>True if a client may not send the header.</summary>
    public static bool Reserves(string name)
    {
        // Cheap way out: all names begin with one of a few letters.
        if (name.Length < 5 || ((name[0] | 0x20) is not ('x' or 'f' or 'r' or 't' or 'c' or 'p' or 's' or 'o')))
            return false;
        foreach (var prefix in Prefixes)
        {
            if (name.Length >= prefix.Length && Same(name.AsSpan(0, prefix.Length), prefix))
                return true;
        }
        if (IsOneOf(Names, name) || IsOneOf(Mounts, name))
            return true;
        foreach (var length in Framing)
        {
            if (name.Length == length.Length && Same(name, length) && !name.Equals(length, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static bool IsOneOf(string[] names, string name)
    {
        foreach (var reserved in names)
        {
            if (name.Length == reserved.Length && Same(name, reserved))
                return true;
        }
        return false;
    }

    private static bool Same(ReadOnlySpan<char> name, string reserved)
    {
        for (var i = 0; i < name.Length; i++)
        {
            var c = char.IsAsciiLetterOrDigit(name[i]) ? char.ToLowerInvariant(name[i]) : '-';
            if (c != reserved[i])
                return false;
        }
        return true;
    }
}
