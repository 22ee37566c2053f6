using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Harden.Gateway.Identity;

/// <summary>
/// One of Entra's documents: kept for half a day, then renewed while it stays in use. Whoever needs it at the same time waits for one
/// fetch, and a fetch is nobody's own, so that one caller who gives up doesn't fail the others.
/// </summary>
/// <param name="address">Where it is.</param>
/// <param name="read">Fetches it, or throws <see cref="EntraUnavailableException"/>; ends by itself.</param>
/// <param name="time">The time.</param>
internal sealed class EntraDocument(Func<string> address, Func<string, Task<OpenIdConnectConfiguration>> read, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(12);

    // An unknown key id is something any caller can send: it must not become a flood towards Entra.
    private static readonly TimeSpan MinAge = TimeSpan.FromSeconds(30);

    // Nor must an Entra that doesn't answer be asked by every request, each waiting for it.
    private static readonly TimeSpan Backoff = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private Snapshot? known;
    private Task<OpenIdConnectConfiguration>? underWay;
    private DateTimeOffset failed = DateTimeOffset.MinValue;

    /// <summary>What is known already, or null.</summary>
    public OpenIdConnectConfiguration? Known => Volatile.Read(ref known)?.Value;

    /// <summary>What is known, fetched if nothing is.</summary>
    /// <exception cref="EntraUnavailableException">Nothing is known and Entra can't be reached.</exception>
    public ValueTask<OpenIdConnectConfiguration> GetAsync(CancellationToken cancel)
    {
        if (Volatile.Read(ref known) is not { } now)
            return new(FetchAsync(MaxAge, cancel));
        if (time.GetUtcNow() - now.At >= MaxAge)
            Begin(MaxAge);
        return new(now.Value);
    }

    /// <summary>Fetches again, unless that has just been done.</summary>
    /// <exception cref="EntraUnavailableException">Nothing is known and Entra can't be reached.</exception>
    public Task<OpenIdConnectConfiguration> RefreshAsync(CancellationToken cancel) => FetchAsync(MinAge, cancel);

    private async Task<OpenIdConnectConfiguration> FetchAsync(TimeSpan maxAge, CancellationToken cancel)
    {
        var fetch = Begin(maxAge);
        if (fetch is null)
            return Known ?? throw new EntraUnavailableException($"{address()} could not be read a moment ago.", null);
        try
        {
            return await fetch.WaitAsync(cancel);
        }
        catch (EntraUnavailableException) when (Known is not null)
        {
            return Known;
        }
    }

    // The fetch under way, begun now if none is; null if what is known is young enough or Entra has just failed to answer.
    private Task<OpenIdConnectConfiguration>? Begin(TimeSpan maxAge)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if ((known is not null && now - known.At < maxAge) || now - failed < Backoff)
                return null;
            return underWay ??= Task.Run(ReadAsync);
        }
    }

    private async Task<OpenIdConnectConfiguration> ReadAsync()
    {
        Snapshot? fetched = null;
        try
        {
            fetched = new(await read(address()), time.GetUtcNow());
            return fetched.Value;
        }
        finally
        {
            lock (gate)
            {
                underWay = null;
                if (fetched is null)
                    failed = time.GetUtcNow();
                else
                    Volatile.Write(ref known, fetched);
            }
        }
    }

    private sealed record Snapshot(OpenIdConnectConfiguration Value, DateTimeOffset At);
}
