using Harden.Hosting.Decisions;

namespace Harden.Hosting.Tests.Decisions;

public sealed class GatewaySettingsTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("harden-tests-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void FolderOfHardenJson_IsEnough()
    {
        Write("""{ "Prototype": { "Name": "tracker", "Command": ["npm", "start"] }, "Edge": { "Listen": ["http://*:9000"] } }""");

        var settings = GatewaySettings.Read(directory.FullName, mustExist: true);

        Assert.Equal("tracker", settings.Prototype.Name);
        Assert.Equal(9000, settings.Listen("Edge:Listen")!.Port);
        Assert.Null(settings.Listen("Console:Listen"));
        Assert.False(settings.HasEntra);
    }

    [Fact]
    public void Deployment_GetsTheFileAsVariables()
    {
        Write("""{ "Prototype": { "Command": ["npm", "start"] }, "Access": { "Rules": [ { "Name": "team", "Allow": "SignedIn" } ] } }""");

        var variables = GatewaySettings.Read(directory.FullName, mustExist: true).Environment.ToDictionary();

        Assert.Equal("team", variables["Access__Rules__0__Name"]);
        Assert.Equal("SignedIn", variables["Access__Rules__0__Allow"]);
        Assert.DoesNotContain(variables.Keys, static name => name.StartsWith("Prototype__Command", StringComparison.Ordinal));
    }

    [Fact]
    public void FileThatIsNotThere_IsNamed()
    {
        var missing = Path.Combine(directory.FullName, "harden.json");
        Assert.Contains(missing, Assert.Throws<InvalidOperationException>(() => GatewaySettings.Read(missing, mustExist: true)).Message);
        Assert.Null(GatewaySettings.Read(missing, mustExist: false).File);
    }

    [Fact]
    public void FileThatIsNotJson_IsNamed()
    {
        Write("{ oops");
        Assert.Contains("harden.json is not valid JSON", Assert.Throws<InvalidOperationException>(() => GatewaySettings.Read(directory.FullName, mustExist: true)).Message);
    }

    private void Write(string json) => File.WriteAllText(Path.Combine(directory.FullName, "harden.json"), json);
}
