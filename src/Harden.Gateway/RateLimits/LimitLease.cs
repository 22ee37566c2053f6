using System.Threading.RateLimiting;

namespace Harden.Gateway.RateLimits;

/// <summary>What a policy answered to one request.</summary>
/// <param name="acquired">True if it may pass.</param>
/// <param name="remaining">Permits left; negative if nobody knows.</param>
/// <param name="retryAfter">When the same request would pass; zero if it did.</param>
/// <param name="reset">When all permits are there again.</param>
internal class LimitLease(bool acquired, long remaining, TimeSpan retryAfter, TimeSpan reset) : RateLimitLease
{
    /// <summary>Permits left.</summary>
    public long Remaining { get; } = remaining;

    /// <summary>When the same request would pass.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;

    /// <summary>When all permits are there again.</summary>
    public TimeSpan Reset { get; } = reset;

    /// <summary>The lease taken before this one for the same request: a list that needs no list.</summary>
    public LimitLease? Earlier { get; set; }

    /// <inheritdoc />
    public override bool IsAcquired { get; } = acquired;

    /// <inheritdoc />
    public override IEnumerable<string> MetadataNames => IsAcquired ? [] : [MetadataName.RetryAfter.Name];

    /// <summary>Undoes the acquisition, because another policy refused the same request.</summary>
    public virtual void GiveBack()
    {
    }

    /// <inheritdoc />
    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = RetryAfter;
        return !IsAcquired && metadataName == MetadataName.RetryAfter.Name;
    }
}
