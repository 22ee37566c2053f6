using System.Diagnostics;
using Harden.Hosting.Decisions;

namespace Harden.Hosting.Tests.Decisions;

public sealed class ContainerRuntimeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("harden-tests-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public async Task RuntimeThatAnswers_IsFound()
    {
        var docker = Program("docker", "exit 0");
        Assert.Equal(docker, await ContainerRuntime.FindAsync(docker, Patience));
    }

    [Fact]
    public async Task RuntimeWhoseEngineIsStopped_IsNone() =>
        Assert.Null(await ContainerRuntime.FindAsync(Program("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1"), Patience));

    [Fact]
    public async Task RuntimeThatIsNotInstalled_IsNone() =>
        Assert.Null(await ContainerRuntime.FindAsync(Path.Combine(directory.FullName, "docker"), Patience));

    [Fact]
    public async Task RuntimeThatNeverAnswers_IsNoneAndEnded()
    {
        var pid = Path.Combine(directory.FullName, "pid");
        var docker = Program("docker", $"echo $$ > '{pid}'; exec sleep 600");

        Assert.Null(await ContainerRuntime.FindAsync(docker, TimeSpan.FromSeconds(2)));

        if (File.Exists(pid)) // else it had not even begun
            Assert.False(IsRunning(int.Parse(File.ReadAllText(pid))));
    }

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.WaitForExit(TimeSpan.FromSeconds(10));
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private string Program(string name, string script)
    {
        Assert.False(OperatingSystem.IsWindows(), "These tests stand in for docker with shell scripts: run them on Linux or macOS.");
        var path = Path.Combine(directory.FullName, name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
