using System.Net;
using System.Net.Sockets;
using Harden.Cli.Run;

namespace Harden.Cli.Tests.Run;

public sealed class ListenerTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("harden-test-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void NothingSaid_TakesTheDefaultAndHandsItOn()
    {
        var listener = Choose("{}", flag: null);

        Assert.Equal("http://localhost:8080", listener.Setting);
        Assert.True(listener.IsGiven);
    }

    [Fact]
    public void ConfiguredAddress_IsLeftToTheGateway()
    {
        var listener = Choose("""{ "Edge": { "Listen": ["http://*:9000"] } }""", flag: null);

        Assert.Equal(new Uri("http://localhost:9000"), listener.Url);
        Assert.False(listener.IsGiven);
    }

    [Fact]
    public void Flag_WinsOverTheConfiguration()
    {
        var listener = Choose("""{ "Edge": { "Listen": ["http://*:9000"] } }""", flag: 9001);

        Assert.Equal("http://localhost:9001", listener.Setting);
        Assert.True(listener.IsGiven);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("0.0.0.0")]
    public void PortInUse_SaysWhoNeedsItAndHowToChooseAnother(string address)
    {
        using var taken = new TcpListener(IPAddress.Parse(address), 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var problem = Assert.Throws<HostProblem>(Choose("{}", flag: port).ThrowIfTaken);

        Assert.Equal($"Port {port} is in use, and the app needs it. Stop what uses it, or choose another port: --port PORT, or Edge:Listen in harden.json.", problem.Message);
    }

    [Fact]
    public void FreePort_IsNotTaken() => Choose("{}", flag: 0).ThrowIfTaken();

    private Listener Choose(string json, int? flag)
    {
        File.WriteAllText(Path.Combine(directory.FullName, "harden.json"), json);
        return Listener.Choose(Settings.Read(directory.FullName), "the app", "Edge:Listen", flag, "--port", 8080);
    }
}
