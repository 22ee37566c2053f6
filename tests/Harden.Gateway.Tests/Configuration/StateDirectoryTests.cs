using Harden.Gateway.Tests.Identity;

namespace Harden.Gateway.Tests.Configuration;

public sealed class StateDirectoryTests
{
    [Fact]
    public async Task KeysAndRecords_AreTheirOwnersAlone()
    {
        if (OperatingSystem.IsWindows())
            return; // there the directory's access list says so
        await using var test = await EntraUnderTest.StartAsync();
        using var browser = await test.SignInAsync("member"); // makes keys

        const UnixFileMode Others = (UnixFileMode)0b000_111_111;
        var kept = new DirectoryInfo(test.Gateway.State).GetFileSystemInfos("*", SearchOption.AllDirectories);
        Assert.Contains(kept, static entry => entry.Extension == ".xml");
        Assert.Contains(kept, static entry => entry.Name == "checkpoint.pem");
        Assert.Empty(kept.Where(static entry => entry is DirectoryInfo || entry.Extension is ".xml" or ".jsonl" || entry.Name == "checkpoint.pem").Where(static entry => (entry.UnixFileMode & Others) != 0).Select(static entry => $"{entry.FullName} {entry.UnixFileMode}"));
    }

    [Fact]
    public void DirectoryThatOthersCanEnter_IsClosedToThem()
    {
        if (OperatingSystem.IsWindows())
            return;
        var root = Directory.CreateTempSubdirectory("harden-test-");
        try
        {
            var keys = Directory.CreateDirectory(Path.Combine(root.FullName, "keys"), (UnixFileMode)0b111_111_101);

            new StateDirectory(root.FullName).Of("keys");

            keys.Refresh();
            Assert.Equal((UnixFileMode)0b111_000_000, keys.UnixFileMode);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
