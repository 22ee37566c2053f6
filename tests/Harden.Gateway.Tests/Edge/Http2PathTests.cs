using System.Net.Sockets;
using System.Text;
using Harden.Gateway.Tests.Infrastructure;

namespace Harden.Gateway.Tests.Edge;

/// <summary>Written by hand, frame by frame, because no client sends a path like these.</summary>
public sealed class Http2PathTests
{
    private const byte Headers = 1, Reset = 3, Settings = 4;
    private const byte Status400 = 0x8c; // HPACK static table, index 12

    [Theory]
    [InlineData("admin")]
    [InlineData("")]
    [InlineData("public/../admin")]
    [InlineData("//admin")]
    [InlineData("http://localhost/admin")]
    [InlineData("/admin HTTP/1.1\r\nX-Harden-User: x")]
    public async Task PathThatIsNone_ReachesNobody(string path)
    {
        var reached = 0;
        await using var prototype = await TestPrototype.StartAsync(context =>
        {
            Interlocked.Increment(ref reached);
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Edge:Listen:0=h2c://127.0.0.1:0",
            "Access:Rules:0:Paths:0=/admin/**", "Access:Rules:0:Allow=Nobody", "Access:Default=Anonymous");
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", gateway.Address.Port);
        await using var wire = client.GetStream();
        await wire.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await wire.WriteAsync(Frame(Settings, 0, 0, []));
        var name = Encoding.ASCII.GetBytes(path);
        byte[] block = [0x82, 0x86, 0x01, 9, .. "localhost"u8, 0x04, (byte)name.Length, .. name]; // GET, http, :authority, :path
        await wire.WriteAsync(Frame(Headers, 0x05, 1, block)); // END_STREAM and END_HEADERS

        var (type, payload) = await AnswerAsync(wire).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.True(type == Reset || (type == Headers && payload[0] == Status400), $"Frame {type}, {Convert.ToHexString(payload)}");
        Assert.Equal(0, reached);
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload) =>
        [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, (byte)stream, .. payload];

    // The first frame that answers the stream; settings and windows are none. A connection that is closed is an answer too.
    private static async Task<(byte Type, byte[] Payload)> AnswerAsync(Stream wire)
    {
        var head = new byte[9];
        while (true)
        {
            if (await wire.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false) < head.Length)
                return (Reset, []);
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await wire.ReadExactlyAsync(payload);
            if (head[3] is Headers or Reset && head[8] == 1)
                return (head[3], payload);
        }
    }
}
