using Harden.Cli.Children;

namespace Harden.Cli.Tests.Children;

public sealed class ExecutableTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("harden-test-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void NameOnPath_IsFound() => Assert.True(File.Exists(Executable.Find("dotnet", directory.FullName)));

    [Fact]
    public void RelativePath_IsLookedForInTheWorkingDirectory()
    {
        var script = Path.Combine(directory.FullName, "start.sh");
        File.WriteAllText(script, "#!/bin/sh\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Equal(script, Executable.Find("./start.sh", directory.FullName));
        Assert.Null(Executable.Find("./stop.sh", directory.FullName));
    }

    [Fact]
    public void FileThatIsNoProgram_IsNotFound()
    {
        File.WriteAllText(Path.Combine(directory.FullName, "notes.txt"), "");

        Assert.Null(Executable.Find("./notes.txt", directory.FullName));
    }

    [Fact]
    public void MissingProgram_IsNamedWithItsCommandAndItsMend()
    {
        Assert.Equal("\"bundle-nowhere\" was not found on PATH, and the prototype is started with \"bundle-nowhere exec\". Install it, or correct the command.",
            Executable.Missing(["bundle-nowhere", "exec"], directory.FullName));
        Assert.Null(Executable.Missing(["dotnet", "run"], directory.FullName));
    }
}
