using System.Diagnostics;
using Harden.Cli.Supervise;

namespace Harden.Cli.Tests.Supervise;

/// <summary>A real supervisor over real shells.</summary>
public sealed class SupervisorTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Family family = new();
    private Process? supervisor;

    [Fact]
    public async Task HostGone_EndsTheWholeTree()
    {
        await StartAsync("sleep 1000 & (sleep 1000 & sleep 1000) & echo up; wait");

        supervisor!.StandardInput.Close();

        await AssertNobodyIsLeftAsync();
    }

    [Fact]
    public async Task HostGone_EndsAlsoWhatLeftItsParentAndItsSession()
    {
        await StartAsync("(setsid sleep 1000 &) ; setsid sh -c 'sleep 1000 & sleep 1000' & echo up; wait");

        supervisor!.StandardInput.Close();

        await AssertNobodyIsLeftAsync();
    }

    [Fact]
    public async Task ProgramEnds_LeavesNothingItStarted()
    {
        await StartAsync("sleep 1000 & echo up; exit 3");

        await AssertNobodyIsLeftAsync();
        Assert.Equal(3, supervisor!.ExitCode);
    }

    [Fact]
    public async Task OrderlyStop_LetsTheProgramFinish()
    {
        await StartAsync("trap 'echo goodbye; exit 5' TERM; echo up; while :; do sleep 0.05; done");

        await OrderAsync(Supervisor.Stop);

        Assert.Equal("goodbye", await supervisor!.StandardOutput.ReadLineAsync().WaitAsync(Patience));
        await AssertNobodyIsLeftAsync();
        Assert.Equal(5, supervisor.ExitCode);
    }

    [Fact]
    public async Task ImmediateStop_EndsAProgramThatIgnoresBeingAsked()
    {
        await StartAsync("trap '' TERM INT HUP; echo up; while :; do sleep 1; done");

        await OrderAsync(Supervisor.Stop);
        await OrderAsync(Supervisor.KillNow);

        await AssertNobodyIsLeftAsync();
    }

    [Fact]
    public async Task Program_HasAnInputThatDoesNotEnd()
    {
        await StartAsync("echo up; timeout 0.5 cat; echo cat ended with $?");

        Assert.Equal("cat ended with 124", await supervisor!.StandardOutput.ReadLineAsync().WaitAsync(Patience));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        family.Dispose();
        if (supervisor is not null)
            await supervisor.WaitForExitAsync();
        supervisor?.Dispose();
    }

    private async Task StartAsync(string script)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Supervisor).Assembly.Location, Supervisor.Verb, "--", "/bin/sh", "-c", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment[family.Variable.Key] = family.Variable.Value;
        supervisor = Process.Start(start)!;
        Assert.Equal("up", await supervisor.StandardOutput.ReadLineAsync().WaitAsync(Patience));
    }

    private async Task OrderAsync(byte order)
    {
        supervisor!.StandardInput.BaseStream.WriteByte(order);
        await supervisor.StandardInput.BaseStream.FlushAsync();
    }

    private async Task AssertNobodyIsLeftAsync()
    {
        await supervisor!.WaitForExitAsync().WaitAsync(Patience);
        Assert.Empty(family.Living());
    }
}
