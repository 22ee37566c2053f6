using Harden.Cli.Run;

namespace Harden.Cli.Tests.Run;

public sealed class RunCommandTests
{
    [Fact]
    public void WordsBehindTheDashes_AreTheCommandEvenIfTheyLookLikeOptions()
    {
        var request = RunCommand.RequestOf(Program.Root().Parse("run --port 9000 -- vite --port {port} --host"));

        Assert.Equal(["vite", "--port", "{port}", "--host"], request.Command);
        Assert.Equal(9000, request.Port);
    }

    [Fact]
    public void NothingGiven_LeavesEverythingToTheConfiguration() =>
        Assert.Equivalent(new RunRequest(), RunCommand.RequestOf(Program.Root().Parse("run")), strict: true);

    [Fact]
    public void Address_IsRead() =>
        Assert.Equal(new Uri("http://localhost:3000"), RunCommand.RequestOf(Program.Root().Parse("run --address http://localhost:3000")).Address);

    [Theory]
    [InlineData("run --port 70000", "--port is \"70000\", which is not a port. Give a number from 0 to 65535.")]
    [InlineData("run --console-port x", "--console-port is \"x\", which is not a port. Give a number from 0 to 65535.")]
    [InlineData("run --address localhost:3000", "--address is \"localhost:3000\", which is not the address of an app. Give one such as http://localhost:3000.")]
    [InlineData("run --address ftp://x", "--address is \"ftp://x\", which is not the address of an app. Give one such as http://localhost:3000.")]
    public void BadValue_IsOneSentence(string commandLine, string sentence) =>
        Assert.Equal([sentence], Program.Root().Parse(commandLine).Errors.Select(static error => error.Message));
}
