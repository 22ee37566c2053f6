using Harden.Cli.Children;

namespace Harden.Cli.Tests.Children;

public sealed class LogOutputTests
{
    private readonly StringWriter written = new() { NewLine = "\n" };

    [Fact]
    public void PlainOutput_PrefixesEachLineAligned()
    {
        var output = new LogOutput(written, colour: false);

        output.Line("app", "hello");
        output.Line("gateway", "hello");

        Assert.Equal("app     | hello\ngateway | hello\n", written.ToString());
    }

    [Fact]
    public void ColouredOutput_GivesEachChildAColourOfItsOwn()
    {
        var output = new LogOutput(written, colour: true);

        output.Line("app", "hello");
        output.Line("redis", "hello");
        output.Line("app", "again");

        Assert.Equal("\u001b[36mapp     |\u001b[0m hello\n\u001b[33mredis   |\u001b[0m hello\n\u001b[36mapp     |\u001b[0m again\n", written.ToString());
    }
}
