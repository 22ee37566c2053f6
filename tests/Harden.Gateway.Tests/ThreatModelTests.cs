using System.Reflection;
using System.Text.RegularExpressions;

namespace Harden.Gateway.Tests;

/// <summary>The threat model names tests; they must be there.</summary>
public sealed partial class ThreatModelTests
{
    [Fact]
    public void EveryTestThatIsNamed_Exists()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Harden.sln")))
            root = root.Parent;
        var text = File.ReadAllText(Path.Combine(root.FullName, "docs", "threat-model.md"));
        var types = typeof(ThreatModelTests).Assembly.GetTypes().ToLookup(static type => type.Name);

        var missing = Named().Matches(text)
            .Where(named => !types[named.Groups[1].Value].Any(type => !named.Groups[2].Success || type.GetMethod(named.Groups[2].Value)?.GetCustomAttribute<FactAttribute>() is not null))
            .Select(static named => named.Value);

        Assert.True(Named().Count(text) > 30);
        Assert.Empty(missing);
    }

    [GeneratedRegex(@"`(\w+Tests)(?:\.(\w+))?`")]
    private static partial Regex Named();
}
