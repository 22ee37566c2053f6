using System.Text;

namespace Harden.Audit.Tests;

/// <summary>Lines of files that somebody else may have written to.</summary>
public sealed class LinesTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    [Theory]
    [InlineData(10)]
    [InlineData(ForwardLines.Longest - 1)]
    [InlineData(ForwardLines.Longest)]
    [InlineData(ForwardLines.Longest + 1)]
    [InlineData(5_000_000)]
    public void LineOfAnyLength_IsReadInBoundedMemory_AndItsNeighboursWhole(int length)
    {
        File.WriteAllText(path, "one\n" + new string('x', length) + "\ntwo\n\nthree\n");

        var forward = ForwardLines.Read(path).ToArray();
        var backward = BackwardLines.Read(path).Select(static l => Encoding.ASCII.GetString(l.Span)).ToArray();

        Assert.Equal(["one", "two", "", "three"], forward.Where(static l => l.Line.Length < 10).Select(static l => Encoding.ASCII.GetString(l.Line)));
        Assert.Equal([1, 2, 3, 4, 5], forward.Select(static l => l.Number));
        Assert.All(forward, static l => Assert.True(l is { Whole: true, Line.Length: <= ForwardLines.Longest }));
        Assert.Equal(["three", "two", "one"], backward.Where(static l => l.Length < 10));
        if (length < ForwardLines.Longest)
            Assert.Equal(length, Assert.Single(backward, static l => l.Length >= 10).Length);
    }

    [Fact]
    public void SparseFileOfGigabytes_IsOneLineThatIsNone()
    {
        File.WriteAllText(path, "one\n");
        using (var file = File.OpenWrite(path))
            file.SetLength(3L << 30);

        var lines = ForwardLines.Read(path).Select(static l => (l.Line.Length, l.Whole)).ToArray();

        Assert.Equal([(3, true), (ForwardLines.Longest, false)], lines);
        Assert.Equal("one", Encoding.ASCII.GetString(Assert.Single(BackwardLines.Read(path)).Span));
        using (var file = File.OpenWrite(path))
        {
            file.Position = 3L << 30;
            file.Write("\ntwo\n"u8);
        }
        Assert.Equal(["two", "one"], BackwardLines.Read(path).Select(static l => Encoding.ASCII.GetString(l.Span)));
    }

    public void Dispose() => File.Delete(path);
}
