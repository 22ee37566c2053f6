using System.Buffers;

namespace Harden.Audit.Bodies;

/// <summary>
/// A body as it will lie on disk, in a pooled buffer. Belongs to whoever sealed it until <see cref="PendingEntry.Attach"/>; from then on
/// to the entry, which gives it back when it is written or refused.
/// </summary>
internal sealed class SealedBody
{
    private readonly BodyVault vault;
    private readonly byte[] hash = new byte[64];
    private byte[] buffer = [];

    internal SealedBody(BodyVault vault) => this.vault = vault;

    /// <summary>Keyed hash of the body, in hexadecimal digits.</summary>
    public ReadOnlySpan<byte> Hash => hash;

    /// <summary>Bytes on disk.</summary>
    public int Length { get; private set; }

    /// <summary>The frame.</summary>
    public ReadOnlyMemory<byte> Frame => buffer.AsMemory(0, Length);

    /// <summary>Gives the buffer back. Only for a body that was attached to no entry.</summary>
    public void Return()
    {
        if (Length == 0)
            return; // given back already
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        var length = Length;
        Length = 0;
        vault.Returned(this, length);
    }

    internal Span<byte> Begin(int length)
    {
        buffer = ArrayPool<byte>.Shared.Rent(length);
        Length = length;
        return buffer.AsSpan(0, length);
    }

    internal void Hashed(ReadOnlySpan<byte> bytes) => Convert.TryToHexStringLower(bytes, hash, out _);
}
