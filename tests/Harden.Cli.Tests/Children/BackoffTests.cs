using Harden.Cli.Children;

namespace Harden.Cli.Tests.Children;

public sealed class BackoffTests
{
    private readonly Backoff backoff = new();

    [Fact]
    public void CrashAfterCrash_WaitsTwiceAsLongUpToHalfAMinute()
    {
        var waits = Enumerable.Range(0, 9).Select(_ => backoff.After(TimeSpan.FromSeconds(1)).TotalSeconds);

        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30, 30], waits);
    }

    [Fact]
    public void CrashAfterASteadyRun_WaitsAsAtFirst()
    {
        backoff.After(TimeSpan.Zero);
        backoff.After(TimeSpan.Zero);

        Assert.Equal(TimeSpan.FromSeconds(0.5), backoff.After(TimeSpan.FromMinutes(1)));
        Assert.Equal(TimeSpan.FromSeconds(1), backoff.After(TimeSpan.Zero));
    }
}
