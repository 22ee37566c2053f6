using System.CommandLine;

namespace Harden.Cli.Tests.Sessions;

public sealed class SessionsCommandTests
{
    [Theory]
    [InlineData("max@contoso.example")]
    [InlineData("zz000000000000000000000000000000")]
    [InlineData("de000000-0000-4000-8000-000000000001")]
    [InlineData("de000000-0000-4000-8000-000000000001/de000000-0000-4000-8000-0000000000a3/x")]
    public async Task TargetThatNamesNothing_IsRefusedBeforeAnybodyIsAsked(string target)
    {
        var problem = await Assert.ThrowsAsync<HostProblem>(() => InvokeAsync("sessions", "revoke", target));
        Assert.Contains($"\"{target}\" is neither a session", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoGateway_IsSaidInASentence()
    {
        var problem = await Assert.ThrowsAsync<HostProblem>(() => InvokeAsync("sessions", "list", "--state", Path.Combine(Path.GetTempPath(), "no-gateway-here")));
        Assert.Equal(ManagementClient.Unavailable, problem.ExitCode);
    }

    private static Task<int> InvokeAsync(params string[] args) => Program.Root().Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
}
