using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Harden.DevEntra;

/// <summary>Sign-ins that somebody began at one device and finishes in a browser elsewhere (RFC 8628). Bounded and short-lived.</summary>
internal sealed class DeviceCodes(DevEntraOptions options, TimeProvider time)
{
    private const int Capacity = 256;

    private readonly ConcurrentDictionary<string, Pending> waiting = new(StringComparer.Ordinal);

    /// <summary>Begins one.</summary>
    public Pending Begin(string origin, string tenant, string scope)
    {
        foreach (var (code, old) in waiting)
        {
            if (old.Expires < time.GetUtcNow() - TimeSpan.FromMinutes(1) || waiting.Count >= Capacity)
                waiting.TryRemove(code, out _);
        }
        // As Entra makes them: nine letters and digits that are not mistaken for each other.
        var pending = new Pending("0.D" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(36)), RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 9))
        {
            Origin = origin, Tenant = tenant, Scope = scope, Expires = time.GetUtcNow() + options.DeviceCodeLifetime, Interval = options.DeviceCodeInterval,
        };
        return waiting[pending.DeviceCode] = pending;
    }

    /// <summary>The one whose code a person typed; null if there is none, or it has been used or has expired.</summary>
    public Pending? Find(string userCode)
    {
        var typed = userCode.Trim().ToUpperInvariant();
        return waiting.Values.FirstOrDefault(p => p.UserCode == typed && !p.Decided && p.Expires > time.GetUtcNow());
    }

    /// <summary>What has become of it: a grant, once, or an error as the token endpoint says it.</summary>
    public (Grant? Grant, string Error, string Description) Poll(string deviceCode)
    {
        if (!waiting.TryGetValue(deviceCode, out var pending))
            return (null, "bad_verification_code", "AADSTS70018: The device_code was not recognized, or has been used.");
        lock (pending)
        {
            var now = time.GetUtcNow();
            if (pending.Grant is { } grant && waiting.TryRemove(deviceCode, out _))
                return (grant, "", "");
            if (pending.Decided)
                return (null, "authorization_declined", "AADSTS65004: The end user denied the authorization request.");
            if (now >= pending.Expires)
                return (null, "expired_token", "AADSTS70020: This device code has expired. Please request a new one.");
            var early = now < pending.NextPoll;
            if (early)
                pending.Interval += TimeSpan.FromSeconds(5); // RFC 8628 section 3.5
            pending.NextPoll = now + (pending.Interval * 0.9); // networks are not punctual
            return early
                ? (null, "slow_down", $"AADSTS70016: You ask too often: wait {pending.Interval.TotalSeconds} seconds between two requests from now on.")
                : (null, "authorization_pending", "AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
        }
    }

    /// <summary>A sign-in that waits for its person.</summary>
    internal sealed record Pending(string DeviceCode, string UserCode)
    {
        public required string Origin { get; init; }
        public required string Tenant { get; init; }
        public required string Scope { get; init; }
        public required DateTimeOffset Expires { get; init; }
        public TimeSpan Interval { get; set; }
        public DateTimeOffset NextPoll { get; set; }

        /// <summary>What the person agreed to; null if they have not, or declined.</summary>
        public Grant? Grant { get; private set; }

        /// <summary>The person has spoken.</summary>
        public bool Decided { get; private set; }

        /// <summary>Notes what the person decided; null for no.</summary>
        public void Decide(Grant? grant)
        {
            lock (this)
                (Grant, Decided) = (grant, true);
        }
    }
}
