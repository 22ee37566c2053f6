namespace Harden.Gateway;

/// <summary>
/// Marks the connections of the management listener, so that what arrives there is told from the app's requests by the socket it came
/// in by, and never by a host name or port that a client wrote. A connection feature, which Kestrel shows among a request's own.
/// </summary>
internal sealed class ManagementConnection
{
    /// <summary>True if the request came in by the management listener.</summary>
    public static bool Carries(HttpContext context) => context.Features.Get<ManagementConnection>() is not null;
}
