using System.Runtime.CompilerServices;
using Harden.Gateway.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Configuration;

/// <summary>The schema and the reference page say what the options say. <c>HARDEN_UPDATE_DOCS=1 dotnet test</c> writes them anew.</summary>
public sealed class ConfigurationReferenceTests
{
    [Fact]
    public void Schema_IsThatOfTheOptions() =>
        Same("src/Harden.Gateway/harden.schema.json", new ConfigurationReference().Schema(Sections()));

    [Fact]
    public void ReferencePage_IsThatOfTheOptions() =>
        Same("docs/configuration.md", new ConfigurationReference().Page(Sections()));

    [Fact]
    public void EveryOption_IsDocumented() =>
        Assert.DoesNotContain(" |  |", new ConfigurationReference().Page(Sections()), StringComparison.Ordinal);

    private static (string Key, Type Type)[] Sections()
    {
        var builder = ConfigurationStage.CreateBuilder(["--Prototype:Address=http://127.0.0.1:9", "--environment", "Development",
            "--AzureAd:Instance=http://localhost:8082/", "--AzureAd:TenantId=de000000-0000-4000-8000-000000000001",
            "--AzureAd:ClientId=de000000-0000-4000-8000-0000000000c1", "--AzureAd:ClientSecret=development"]);
        using var app = (IDisposable)Program.Build(builder);
        return [.. builder.Services.Select(static s => s.ImplementationInstance).OfType<HardenConfiguration>().Single().Sections];
    }

    private static void Same(string path, string expected, [CallerFilePath] string source = "")
    {
        var file = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "../../..", path));
        if (Environment.GetEnvironmentVariable("HARDEN_UPDATE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, expected);
        }
        Assert.True(File.Exists(file) && File.ReadAllText(file) == expected,
            $"{path} is not what the options say. Run HARDEN_UPDATE_DOCS=1 dotnet test tests/Harden.Gateway.Tests --filter ConfigurationReference and commit it.");
    }
}
