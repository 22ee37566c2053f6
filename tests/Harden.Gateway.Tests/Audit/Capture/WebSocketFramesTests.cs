using System.Buffers.Binary;
using System.Text;
using Harden.Gateway.Audit.Capture;

namespace Harden.Gateway.Tests.Audit.Capture;

public sealed class WebSocketFramesTests
{
    private readonly TunnelEnding ending = new();

    public static TheoryData<int> Pieces => [1, 2, 3, 7, 64, 100_000];

    [Theory]
    [MemberData(nameof(Pieces))]
    public void Conversation_IsCountedHoweverItIsCut(int piece)
    {
        var kept = Capture(1000);
        var frames = new WebSocketFrames(fromClient: true, ending) { Capture = kept };
        var long16 = new string('x', 300);
        byte[] stream =
        [
            .. Frame(0x81, "hello", mask: true), .. Frame(0x01, "frag", mask: true), .. Frame(0x89, "ping", mask: true), .. Frame(0x80, "ment", mask: true),
            .. Frame(0x82, new string('b', 70_000), mask: true), .. Frame(0x81, long16, mask: true), .. Frame(0xc1, "deflated", mask: true), .. Frame(0x8a, "", mask: true),
            .. Frame(0x88, "\u0003\u00e9bye", mask: true),
        ];

        foreach (var part in stream.Chunk(piece))
            frames.Read(part);

        Assert.Equal((4, 1, 1, 1, 1, 1, 1), (frames.Text, frames.Binary, frames.Continuation, frames.Close, frames.Ping, frames.Pong, frames.Compressed));
        Assert.Equal((1001, 0L, "client"), (frames.CloseCode, frames.Unparsed, ending.By));
        Assert.Equal(5 + 4 + 4 + 4 + 70_000 + 300 + 8 + 5, frames.Payload);
        kept.Close();
        Assert.Equal($"\u001ehello\u001efragment\u001e{long16}", Encoding.UTF8.GetString(kept.Kept.Span));
    }

    [Theory]
    [InlineData("f100")] // reserved bits
    [InlineData("8300")] // reserved opcode
    [InlineData("8900")] // unmasked from a client
    [InlineData("08800000000000")] // a close that is fragmented
    [InlineData("89fe0080")] // a ping too long
    [InlineData("808000000000")] // a continuation of nothing
    [InlineData("82ffffffffffffffffff00000000")] // a length no frame can have
    public void WhatIsNoFrame_IsCountedAndNeverLookedAtAgain(string hex)
    {
        var frames = new WebSocketFrames(fromClient: true, ending);
        frames.Read(Frame(0x81, "good", mask: true));

        var junk = Convert.FromHexString(hex);
        frames.Read(junk);
        frames.Read(new byte[1000]);

        Assert.Equal((1, junk.Length + 1000L), (frames.Text, frames.Unparsed));
    }

    [Fact]
    public void ServerFrames_AreUnmasked()
    {
        var frames = new WebSocketFrames(fromClient: false, ending);

        frames.Read([.. Frame(0x82, "x", mask: false), .. Frame(0x88, "\u0003\u00e8", mask: false)]);

        Assert.Equal((1, 1000, "prototype", 0L), (frames.Binary, frames.CloseCode, ending.By, frames.Unparsed));
    }

    [Fact]
    public void TextBeyondTheLimit_IsCountedAndNotKept()
    {
        var kept = Capture(16);
        var frames = new WebSocketFrames(fromClient: true, ending) { Capture = kept };

        frames.Read(Frame(0x81, new string('x', 5000), mask: true));
        kept.Close();

        Assert.Equal((16, true, 5000L), (kept.Length, kept.Truncated, frames.Payload));
    }

    [Fact]
    public void AnyBytes_AreSurvived()
    {
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = new byte[random.Next(1, 400)];
            random.NextBytes(bytes);
            var frames = new WebSocketFrames(fromClient: round % 2 == 0, ending) { Capture = Capture(64) };
            foreach (var part in bytes.Chunk(random.Next(1, 50)))
                frames.Read(part);
            Assert.InRange(frames.Unparsed, 0, bytes.Length);
        }
    }

    [Fact]
    public void GrpcMessages_AreCountedHoweverTheyAreCut()
    {
        byte[] call = [0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, .. new byte[256]];
        foreach (var piece in (int[])[1, 4, 1000])
        {
            var messages = new GrpcMessages();
            foreach (var part in call.Chunk(piece))
                messages.Read(part);
            Assert.Equal(3, messages.Count);
        }
    }

    private static CaptureBuffer Capture(int limit) => new(limit, 1 << 20, new());

    private static byte[] Frame(byte first, string text, bool mask)
    {
        var payload = Encoding.Latin1.GetBytes(text);
        byte[] key = mask ? [1, 2, 3, 4] : [];
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(length, (ulong)payload.Length);
        var masked = (byte)(mask ? 0x80 : 0);
        byte[] head = payload.Length < 126 ? [first, (byte)(masked | payload.Length)] : payload.Length < 65536 ? [first, (byte)(masked | 126), .. length[6..]] : [first, (byte)(masked | 127), .. length];
        return [.. head, .. key, .. mask ? payload.Select((b, i) => (byte)(b ^ key[i & 3])) : payload];
    }
}
