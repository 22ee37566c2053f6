using Harden.Cli.Run;

namespace Harden.Cli.Tests.Run;

public sealed class PrototypePlanTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("harden-test-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void Command_GetsAFreePortAsPort()
    {
        var plan = Plan(new(), """{ "Command": ["dotnet", "run", "app.cs"] }""");

        var port = plan.Address.Port.ToString();
        Assert.Equal(port, plan.Start!.Environment["PORT"]);
        Assert.Equal("dotnet run app.cs", plan.Shown);
        Assert.Equal(directory.FullName, plan.Start.Directory);
        Assert.True(Path.IsPathFullyQualified(plan.Start.Command[0]));
        Assert.Null(plan.Listener);
    }

    [Fact]
    public void PortPlaceholder_IsReplacedInCommandAndEnvironment()
    {
        var plan = Plan(new(), """{ "Command": ["dotnet", "app.dll", "--urls=http://*:{port}"], "PortVariable": "WEB_PORT", "Environment": { "BASE": "x:{port}" } }""");

        var port = plan.Address.Port;
        Assert.Equal($"--urls=http://*:{port}", plan.Start!.Command[2]);
        Assert.Equal($"x:{port}", plan.Start.Environment["BASE"]);
        Assert.Equal(port.ToString(), plan.Start.Environment["WEB_PORT"]);
    }

    [Fact]
    public void CommandLine_WinsOverTheFile()
    {
        var plan = Plan(new() { Command = ["dotnet", "--info"] }, """{ "Command": ["npm", "start"] }""");

        Assert.Equal("dotnet --info", plan.Shown);
    }

    [Fact]
    public void AddressOnTheCommandLine_StartsNothing()
    {
        var plan = Plan(new() { Address = new("http://localhost:3000") }, """{ "Command": ["npm", "start"] }""");

        Assert.Null(plan.Start);
        Assert.Equal(new Uri("http://localhost:3000"), plan.Address);
    }

    [Fact]
    public void CommandWithAnAddress_IsStartedAndExpectedThere()
    {
        var plan = Plan(new(), """{ "Command": ["dotnet", "run"], "Address": "http://localhost:5000" }""");

        Assert.Equal("5000", plan.Start!.Environment["PORT"]);
        Assert.Equal(5000, plan.Listener!.Url.Port);
    }

    [Theory]
    [InlineData("Prototype__X")]
    [InlineData("AzureAd__ClientSecret")]
    [InlineData("ConnectionStrings__redis")]
    [InlineData("AzureAd:ClientSecret")]
    [InlineData("CUSTOMCONNSTR_redis")]
    [InlineData("Kestrel__Certificates__Default__Password")]
    public void HardensOwnSettings_AreKeptFromThePrototype(string variable)
    {
        Environment.SetEnvironmentVariable(variable, "secret");
        try
        {
            var environment = Plan(new() { Command = ["dotnet"] }, "{}").Start!.Environment;

            Assert.True(environment.TryGetValue(variable, out var value) && value is null);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    public void NothingToRun_SaysWhatToGive()
    {
        var problem = Assert.Throws<HostProblem>(() => Plan(new(), "{}"));

        Assert.Contains("says neither how the prototype is started nor where it runs. Give a command (harden run -- npm start)", problem.Message);
    }

    [Fact]
    public void MissingProgram_SaysWhatToInstall()
    {
        var problem = Assert.Throws<HostProblem>(() => Plan(new() { Command = ["no-such-program"] }, "{}"));

        Assert.StartsWith("\"no-such-program\" was not found on PATH", problem.Message);
    }

    private PrototypePlan Plan(RunRequest request, string prototype)
    {
        File.WriteAllText(Path.Combine(directory.FullName, "harden.json"), $$"""{ "Prototype": {{prototype}} }""");
        return PrototypePlan.Make(request, Settings.Read(directory.FullName));
    }
}
