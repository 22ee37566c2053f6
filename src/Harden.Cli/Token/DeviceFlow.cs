namespace Harden.Cli.Token;

/// <summary>Sign-in at another device by a code (RFC 8628).</summary>
internal sealed class DeviceFlow(EntraClient entra, TextWriter messages, TimeProvider time)
{
    // The network may be away for a moment; that the code is still good is for Entra to say.
    private const int MostFailures = 5;

    /// <summary>Shows the code and waits until somebody has entered it.</summary>
    /// <exception cref="HostProblem">Declined, expired, or refused.</exception>
    public async Task<TokenAnswer> RunAsync(CancellationToken cancel)
    {
        var code = await entra.BeginDeviceAsync(cancel);
        await messages.WriteLineAsync($"To sign in, open {code.VerificationUri} in any browser and enter the code {code.UserCode}.");
        var interval = TimeSpan.FromSeconds(Math.Max(1, code.Interval));
        var expires = time.GetUtcNow().AddSeconds(code.ExpiresIn);
        var failures = 0;
        while (time.GetUtcNow() < expires)
        {
            await Task.Delay(interval, time, cancel);
            var (token, failure) = await entra.RedeemAsync(cancel, ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", code.Code));
            if (token is not null)
                return token;
            if (failure!.Error == "slow_down")
                interval += TimeSpan.FromSeconds(5); // RFC 8628 section 3.5
            failures = failure.Error == Failure.Unavailable ? failures + 1 : 0;
            if (failure.Error is not ("authorization_pending" or "slow_down" or Failure.Unavailable) || failures == MostFailures)
                throw failure.ToProblem(entra.Request);
        }
        throw new Failure { Error = "expired_token" }.ToProblem(entra.Request);
    }
}
