using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests;

/// <summary>Batches gather only while many wait, and no waiter holds up another.</summary>
public sealed class GroupCommitTests
{
    [Fact]
    public void Few_AreNotHeldUp()
    {
        var clock = new Clock();
        var commits = new GroupCommit(clock);

        for (var i = 0; i < 200; i++) // 1,000 a second
        {
            clock.Advance(1.0);
            Assert.False(commits.Gather());
            commits.Begin(waiting: 1);
        }
    }

    [Fact]
    public void Many_GatherForAMillisecond()
    {
        var clock = new Clock();
        var commits = new GroupCommit(clock);

        Flood(clock, commits);

        Assert.Equal(OperatingSystem.IsLinux(), commits.Gather());
        clock.Advance(1.1);
        Assert.False(commits.Gather());
    }

    [Fact]
    public void WhoComesBackOnlyWhenAnswered_IsSlowedDownForAMoment_AndThenLetGo()
    {
        var clock = new Clock();
        var commits = new GroupCommit(clock);
        Flood(clock, commits);

        for (var i = 0; i < 40; i++) // two callers, each of whom asks again when it has its answer
        {
            clock.Advance(1.2);
            commits.Begin(waiting: 2);
        }

        Assert.False(commits.Gather());
        for (var i = 0; i < 100; i++) // as fast as before; it is not tried again at once
        {
            clock.Advance(0.2);
            commits.Begin(waiting: 2);
            Assert.False(commits.Gather());
        }
    }

    [Fact]
    public async Task WaiterThatKeepsItsThread_HoldsUpNobodyElse()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        using var others = new ManualResetEventSlim();

        var first = Task.Run(async () =>
        {
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "first")));
            Assert.True(others.Wait(TimeSpan.FromSeconds(60)), "Those who waited with it were not told.");
        });
        var rest = Enumerable.Range(0, 50).Select(async i => Assert.True(await log.AppendAsync(ScratchLog.Draft(log, $"other-{i}"))));
        await Task.WhenAll(rest).WaitAsync(TimeSpan.FromSeconds(60));
        others.Set();
        await first;
    }

    private static void Flood(Clock clock, GroupCommit commits)
    {
        for (var i = 0; i < 100; i++) // 10,000 a second
        {
            clock.Advance(0.2);
            commits.Begin(waiting: 2);
        }
    }

    private sealed class Clock : TimeProvider
    {
        private long now = 1;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => now;

        public void Advance(double milliseconds) => now += (long)(milliseconds * 1000);
    }
}
