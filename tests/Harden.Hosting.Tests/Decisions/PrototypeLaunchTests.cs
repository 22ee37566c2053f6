using Harden.Gateway;
using Harden.Hosting.Decisions;

namespace Harden.Hosting.Tests.Decisions;

public class PrototypeLaunchTests
{
    private static readonly string Here = Path.GetFullPath(AppContext.BaseDirectory);

    [Fact]
    public void Port_IsInEveryPlaceThatAsksForIt()
    {
        var launch = PrototypeLaunch.Make(new() { Command = ["flask", "run", "--port={port}"], Environment = { ["BIND"] = "127.0.0.1:{port}" }, PortVariable = "APP_PORT" }, Here, 4711, []);

        Assert.Equal(["flask", "run", "--port=4711"], launch.Command);
        Assert.Equal("127.0.0.1:4711", launch.Environment["BIND"]);
        Assert.Equal("4711", launch.Environment["APP_PORT"]);
    }

    [Fact]
    public void SecretsOfHarden_AreNotThePrototypesToRead()
    {
        var launch = PrototypeLaunch.Make(new() { Command = ["npm", "start"] }, Here, 4711, ["AzureAd__ClientSecret", "ConnectionStrings__redis", "HOME"]);

        Assert.Equal("", launch.Environment["AzureAd__ClientSecret"]);
        Assert.Equal("", launch.Environment["ConnectionStrings__redis"]);
        Assert.False(launch.Environment.ContainsKey("HOME"));
    }

    [Fact]
    public void WorkingDirectoryThatIsNotThere_IsNamed()
    {
        var e = Assert.Throws<InvalidOperationException>(static () => PrototypeLaunch.Make(new() { WorkingDirectory = "nowhere" }, Here, 1, []));
        Assert.Contains(Path.Combine(Here, "nowhere"), e.Message);
        Assert.Contains("Prototype:WorkingDirectory", e.Message);
    }

    [Theory]
    [InlineData("onboarding-tracker", "onboarding-tracker")]
    [InlineData("My_App.v2", "My-App-v2")]
    [InlineData("3d--viewer", "app-3d-viewer")]
    public void Name_IsOneThatAspireTakes(string name, string expected) => Assert.Equal(expected, PrototypeLaunch.NameOf(name));
}
