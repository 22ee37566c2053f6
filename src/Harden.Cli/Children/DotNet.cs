using System.Runtime.InteropServices;

namespace Harden.Cli.Children;

/// <summary>The <c>dotnet</c> that runs this process, so that children run on the same runtime whatever PATH says.</summary>
internal static class DotNet
{
    /// <summary>Full path of <c>dotnet</c>: three levels above <c>shared/Microsoft.NETCore.App/VERSION</c>.</summary>
    public static string Path { get; } = System.IO.Path.GetFullPath(
        System.IO.Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>The command that runs one of Harden's own programs, which lie beside this one.</summary>
    public static string[] Run(string assembly, params string[] arguments) =>
        [Path, System.IO.Path.Combine(System.IO.Path.GetDirectoryName(typeof(DotNet).Assembly.Location)!, assembly), .. arguments];
}
