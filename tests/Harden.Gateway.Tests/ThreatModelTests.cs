using System.Text.RegularExpressions;

namespace Harden.Gateway.Tests;

/// <summary>The threat model names tests; they must be there.</summary>
public sealed partial class ThreatModelTests
{
    [Fact]
    public void EveryTestThatIsNamed_Exists()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "threat-model.md"));
        // Read as text, because they are in several test projects.
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToArray();

        var missing = Named().Matches(text)
            .Where(named => !sources.Any(source => source.Contains($" class {named.Groups[1].Value}", StringComparison.Ordinal) && (!named.Groups[2].Success || source.Contains($" {named.Groups[2].Value}(", StringComparison.Ordinal))))
            .Select(static named => named.Value);

        Assert.True(Named().Count(text) > 30);
        Assert.Empty(missing);
    }

    [GeneratedRegex(@"`(\w+Tests)(?:\.(\w+))?`")]
    private static partial Regex Named();
}
