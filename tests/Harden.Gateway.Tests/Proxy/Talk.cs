using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>A request body that is said piece by piece, each sent at once.</summary>
internal sealed class Talk : HttpContent
{
    private readonly Channel<byte[]> pieces = Channel.CreateUnbounded<byte[]>();

    public ValueTask SayAsync(string line) => SayAsync(Encoding.UTF8.GetBytes(line + "\n"));

    public ValueTask SayAsync(byte[] bytes) => pieces.Writer.WriteAsync(bytes);

    public void End() => pieces.Writer.Complete();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        await foreach (var piece in pieces.Reader.ReadAllAsync())
        {
            await stream.WriteAsync(piece);
            await stream.FlushAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
