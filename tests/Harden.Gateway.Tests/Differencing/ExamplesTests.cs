using Harden.Gateway.Configuration;
using Harden.Gateway.Tests.Identity;

namespace Harden.Gateway.Tests.Differencing;

public sealed class ExamplesTests
{
    public static TheoryData<string> Examples => [.. Directory.GetDirectories(Path.Combine(Repository.Root, "examples")).Select(static folder => Path.GetFileName(folder))];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Description_IsAccepted(string example)
    {
        var state = Directory.CreateTempSubdirectory("harden-test-");
        try
        {
            // What the host adds: where the prototype and the sign-in are.
            string[] arguments = ["--config", Path.Combine(Repository.Root, "examples", example, "harden.json"), "--environment", "Development", $"--StateDirectory={state.FullName}",
                "--Prototype:Address=http://127.0.0.1:5000", "--AzureAd:Instance=http://localhost:8082/", $"--AzureAd:TenantId={EntraUnderTest.Tenant}", $"--AzureAd:ClientId={EntraUnderTest.ClientId}", "--AzureAd:ClientSecret=of the tests"];

            await using var gateway = Program.Build(ConfigurationStage.CreateBuilder(arguments));

            Assert.NotNull(gateway);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    public static TheoryData<string> Prototypes => [.. ((IEnumerable<object[]>)Examples).Select(static row => (string)row[0]).Where(static name => name != "verify-assertion")];

    [Theory]
    [MemberData(nameof(Prototypes))]
    public void Source_KnowsNothingOfHarden(string example)
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "examples", example), "*", SearchOption.AllDirectories)
            .Where(static file => Path.GetFileName(file) != "harden.json" && !file.Contains("node_modules", StringComparison.Ordinal) && !file.Contains(".harden", StringComparison.Ordinal));

        Assert.All(files, static file => Assert.DoesNotContain("harden", File.ReadAllText(file), StringComparison.OrdinalIgnoreCase));
    }
}
