using Mono.Cecil;

namespace Harden.Hosting.Tests;

public class PublicApiTests
{
    [Fact]
    public void PublicApi_IsTheApprovedOne()
    {
        using var module = ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, "Harden.Hosting.dll"));
        var actual = module.Types.Where(static type => type.IsPublic).OrderBy(static type => type.FullName, StringComparer.Ordinal).SelectMany(Lines);
        var approved = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "PublicApi.approved.txt"));
        // A change here is a change for every AppHost that uses the package: approve it by editing the file.
        Assert.Equal(approved, actual);
    }

    private static IEnumerable<string> Lines(TypeDefinition type) => type.Methods
        .Where(static method => method.IsPublic)
        .Select(static method => "    " + method.FullName)
        .Order(StringComparer.Ordinal)
        .Prepend($"{type.FullName} : {type.BaseType.FullName}");
}
