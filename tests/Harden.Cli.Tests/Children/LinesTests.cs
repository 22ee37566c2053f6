using Harden.Cli.Children;

namespace Harden.Cli.Tests.Children;

public sealed class LinesTests
{
    private readonly List<string> written = [];

    [Theory]
    [InlineData("a\nb\n", new[] { "a", "b" })]
    [InlineData("a\r\n\r\nb", new[] { "a", "", "b" })]
    [InlineData("", new string[0])]
    public async Task Output_IsCutIntoLines(string output, string[] expected)
    {
        await new Lines(written.Add).PumpAsync(new StringReader(output));

        Assert.Equal(expected, written);
    }

    [Fact]
    public async Task LineWithoutEnd_IsCutAtABound()
    {
        await new Lines(written.Add).PumpAsync(new StringReader(new string('x', 100_000)));

        Assert.All(written, static line => Assert.InRange(line.Length, 1, 16 * 1024));
        Assert.Equal(100_000, written.Sum(static line => line.Length));
    }

    [Fact]
    public async Task LastLines_AreTheLastOnes()
    {
        var lines = new Lines(written.Add);

        await lines.PumpAsync(new StringReader(string.Join('\n', Enumerable.Range(1, 50))));

        Assert.Equal(Enumerable.Range(39, 12).Select(static n => n.ToString()), lines.Last);
        lines.Clear();
        Assert.Empty(lines.Last);
    }
}
