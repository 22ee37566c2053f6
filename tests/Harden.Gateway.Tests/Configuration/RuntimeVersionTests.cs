using System.Diagnostics;

namespace Harden.Gateway.Tests.Configuration;

public sealed class RuntimeVersionTests
{
    [Theory]
    [InlineData("10.0.6", false)]
    [InlineData("10.0.7", true)]
    public async Task SdkWithARuntimeThatAcceptsForgedCookies_DoesNotBuild(string version, bool builds)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", Path.Combine("src", "Harden.Gateway", "Harden.Gateway.csproj"), "-nologo", "-nodeReuse:false", "-target:HardenCheckRuntime", $"-property:BundledNETCoreAppPackageVersion={version}"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
        };
        foreach (var variable in start.Environment.Keys.Where(static k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(variable); // what the test runner's own MSBuild has set
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(5));
        await process.WaitForExitAsync();

        Assert.Equal(builds, process.ExitCode == 0);
        Assert.Equal(!builds, output.Contains("CVE-2026-40372", StringComparison.Ordinal));
    }
}
