namespace Harden.Cli.Tests;

/// <summary>What a command line that can't be meant is answered with.</summary>
public sealed class UsageProblemTests
{
    [Theory]
    [InlineData("\"bogus\" is not known here. --help lists what is.", "bogus")]
    [InlineData("--timeout is \"x\", which is not a whole number.", "token", "--timeout", "x")]
    [InlineData("--age is \"soon\", which is not a duration such as 00:10:00.", "access", "explain", "--path", "/", "--age", "soon")]
    [InlineData("Argument 'xml' not recognized. Must be one of: 'jsonl' 'csv' 'har' 'ocsf'", "audit", "export", "--format", "xml")]
    [InlineData("--port is \"abc\", which is not a port. Give a number from 0 to 65535.", "run", "--port", "abc")]
    public void CommandLineThatCannotBeMeant_IsOneSentence(string sentence, params string[] words) =>
        Assert.Equal([sentence], UsageProblem.Sentences(Program.Root().Parse(words).Errors));
}
