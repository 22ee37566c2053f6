using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Harden.Gateway.Audit.Capture;

namespace Harden.Gateway.Tests.Audit.Capture;

public sealed class CompressedMessagesTests : IDisposable
{
    private readonly CaptureBudget budget = new();
    private readonly Deflater deflater = new();

    public void Dispose() => deflater.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100_000)]
    public void Texts_AreReadHoweverTheyAreCut_AlsoWhereTheyReferToEarlierOnes(int piece)
    {
        var (frames, kept) = Frames(100_000);
        var binary = deflater.Message(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(static i => $"<{i}>"))));
        var split = deflater.Message("a text in three fragments, with <1234> of before"u8);
        byte[] stream =
        [
            .. Frame(0xc1, deflater.First), .. Frame(0xc2, binary), .. Frame(0x81, "plain\u001e"u8),
            .. Frame(0x41, split[..5]), .. Frame(0x89, "ping"u8), .. Frame(0x00, split[5..9]), .. Frame(0x80, split[9..]),
            .. Frame(0xc1, deflater.Message(""u8)), .. Frame(0xc1, deflater.Message("the first again: Grüße"u8)),
        ];
        foreach (var part in stream.Chunk(piece))
            frames.Read(part);

        Assert.Equal((5, 1, 2, 5L, 0L), (frames.Text, frames.Binary, frames.Continuation, frames.Compressed, frames.Unparsed));
        kept.Close();
        Assert.False(kept.Truncated);
        Assert.Equal("\u001ethe first: Grüße\u001eplain \u001ea text in three fragments, with <1234> of before\u001ethe first again: Grüße", Encoding.UTF8.GetString(kept.Kept.Span));

        frames.Dispose();
        kept.Return();
        Assert.Equal(0, budget.Used);
    }

    // RFC 7692 section 7.2.3: one block, a message again by reference, no compression, a last block, two blocks.
    [Theory]
    [InlineData("f248cdc9c90700", "f200110000")]
    [InlineData("000500faff48656c6c6f00", "000500faff48656c6c6f00")]
    [InlineData("f348cdc9c9070000", "f348cdc9c9070000")]
    [InlineData("f24805000000ffffcac9c90700", "f24805000000ffffcac9c90700")]
    public void ExamplesOfTheStandard_AreRead(string first, string second)
    {
        var (frames, kept) = Frames(1000);
        frames.Read([.. Frame(0xc1, Convert.FromHexString(first)), .. Frame(0xc1, Convert.FromHexString(second))]);
        kept.Close();
        Assert.Equal("\u001eHello\u001eHello", Encoding.UTF8.GetString(kept.Kept.Span));
        Assert.False(kept.Truncated);
    }

    [Fact]
    public void WhatCannotBeRead_IsCounted_AndWhatFollowsIsNotKept()
    {
        var (frames, kept) = Frames(1000);
        frames.Read([.. Frame(0x81, "before"u8), .. Frame(0xc1, "no deflate"u8), .. Frame(0xc1, deflater.First), .. Frame(0x88, [3, 232])]);
        kept.Close();
        Assert.Equal((3, 2L, 1000, 0L), (frames.Text, frames.Compressed, frames.CloseCode, frames.Unparsed));
        Assert.Equal((true, "\u001ebefore"), (kept.Truncated, Encoding.UTF8.GetString(kept.Kept.Span)));
    }

    [Fact]
    public void Bombs_AreReadNoFurtherThanTheLimit_AndNotForLongWhereNothingIsKept()
    {
        var bomb = deflater.Message(new byte[200_000_000]);
        Assert.InRange(bomb.Length, 1, 1_000_000);
        foreach (var opcode in (byte[])[0xc1, 0xc2])
        {
            var (frames, kept) = Frames(1000);
            var before = GC.GetAllocatedBytesForCurrentThread();
            frames.Read(Frame(0xc1, deflater.First));
            frames.Read(Frame(opcode, bomb));
            frames.Read(Frame(0x81, "after"u8));
            kept.Close();
            Assert.True(kept.Truncated);
            Assert.InRange(kept.Length, 10, 1000);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000); // the frame and the reader, not what it stands for
        }
    }

    [Fact]
    public void WithoutMemoryLeft_NothingIsKept()
    {
        var kept = new CaptureBuffer(1000, MessageInflater.Memory, budget);
        Assert.True(budget.TryTake(1, 1));
        var frames = new WebSocketFrames(fromClient: true, new()) { Capture = kept };
        frames.Read(Frame(0xc1, deflater.First));
        kept.Close();
        Assert.Equal((true, 0, 1L), (kept.OutOfMemory, kept.Length, frames.Compressed));
        kept.Return();
        Assert.Equal(1, budget.Used);
    }

    [Fact]
    public void AnyBytes_AreSurvived()
    {
        var random = new Random(20261128);
        for (var round = 0; round < 3000; round++)
        {
            var (frames, kept) = Frames(4000);
            var message = random.Next(2) == 0 ? deflater.First.ToArray() : new byte[random.Next(1, 200)];
            for (var i = random.Next(1, 4); i > 0; i--)
                message[random.Next(message.Length)] = (byte)random.Next(256);
            foreach (var part in ((byte[])[.. Frame(0xc1, message), .. Frame(0xc1, deflater.First)]).Chunk(random.Next(1, 60)))
                frames.Read(part);
            Assert.Equal(2, frames.Text);
            frames.Dispose();
            frames.Read(Frame(0xc1, deflater.First)); // the other half still runs
            kept.Return();
        }
        Assert.Equal(0, budget.Used);
    }

    private (WebSocketFrames Frames, CaptureBuffer Kept) Frames(int limit)
    {
        var kept = new CaptureBuffer(limit, 1 << 20, budget);
        return (new(fromClient: true, new()) { Capture = kept }, kept);
    }

    private static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        byte[] key = [9, 8, 7, 6];
        var length = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(length, payload.Length);
        byte[] head = payload.Length < 126 ? [first, (byte)(0x80 | payload.Length)] : payload.Length < 65536 ? [first, 0xfe, .. length[6..]] : [first, 0xff, .. length];
        var masked = payload.ToArray();
        for (var i = 0; i < masked.Length; i++)
            masked[i] ^= key[i & 3];
        return [.. head, .. key, .. masked];
    }

    /// <summary>What a sender does: one window for all messages, each flushed, without the four bytes that a flush ends in.</summary>
    private sealed class Deflater : IDisposable
    {
        private readonly MemoryStream packed = new();
        private readonly DeflateStream stream;

        public Deflater()
        {
            stream = new(packed, CompressionLevel.Optimal);
            First = Message("the first: Grüße"u8);
        }

        public byte[] First { get; }

        public byte[] Message(ReadOnlySpan<byte> text)
        {
            packed.SetLength(0);
            stream.Write(text);
            stream.Flush();
            return packed.Length == 0 ? [0] : packed.ToArray()[..^4]; // section 7.2.3.6: nothing is one byte of zero
        }

        public void Dispose() => stream.Dispose();
    }
}
