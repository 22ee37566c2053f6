namespace Harden.Gateway.Audit.Capture;

/// <summary>Counts the messages of one direction of a gRPC call: each is a flag, a length of four bytes, and as many bytes.</summary>
internal sealed class GrpcMessages : IFrameReader
{
    private readonly byte[] prefix = new byte[5];
    private int prefixLength;
    private uint left;
    private bool broken;

    /// <summary>Messages begun.</summary>
    public long Count { get; private set; }

    public void Read(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty && !broken)
        {
            if (left > 0)
            {
                var take = (int)Math.Min(left, (uint)piece.Length);
                left -= (uint)take;
                piece = piece[take..];
                continue;
            }
            prefix[prefixLength++] = piece[0];
            piece = piece[1..];
            if (prefixLength < prefix.Length)
                continue;
            prefixLength = 0;
            broken = prefix[0] > 1; // no gRPC, whatever it says
            Count += broken ? 0 : 1;
            left = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1));
        }
    }
}
