using Harden.Gateway.Audit.Capture;

namespace Harden.Gateway.Tests.Audit.Capture;

public sealed class CaptureBufferTests
{
    private readonly CaptureBudget budget = new();

    [Theory]
    [InlineData(1, 10_000, 4096)]
    [InlineData(999, 10_000, 4096)]
    [InlineData(10_000, 10_000, 10_000)]
    [InlineData(3, 100, 100)]
    public void Pieces_AreKeptUpToTheLimit(int piece, int size, int limit)
    {
        var body = Enumerable.Range(0, size).Select(static i => (byte)i).ToArray();
        var kept = new CaptureBuffer(limit, 1 << 20, budget);

        foreach (var part in body.Chunk(piece))
            kept.Append(part);
        kept.Close();

        Assert.Equal(body[..Math.Min(size, limit)], kept.Kept.ToArray());
        Assert.Equal(size > limit, kept.Truncated);
    }

    [Fact]
    public void AfterReturn_NothingIsWrittenAndAllRoomIsBack()
    {
        var kept = new CaptureBuffer(1000, 1 << 20, budget);
        kept.Append(new byte[10]);
        Assert.True(budget.Used > 0);

        kept.Return();
        kept.Append(new byte[10]);
        kept.Return();

        Assert.Equal((0, 0L), (kept.Length, budget.Used));
    }

    [Fact]
    public void AllCapturesTogether_StayWithinTheirRoom()
    {
        var first = new CaptureBuffer(64 * 1024, 100_000, budget);
        var second = new CaptureBuffer(64 * 1024, 100_000, budget);

        first.Append(new byte[64 * 1024]);
        second.Append(new byte[64 * 1024]);

        Assert.Equal((64 * 1024, false), (first.Length, first.OutOfMemory));
        Assert.Equal((0, true), (second.Length, second.OutOfMemory));
        Assert.InRange(budget.Used, 1, 100_000);
        first.Return();
        second.Return();
        Assert.Equal(0, budget.Used);
    }
}
