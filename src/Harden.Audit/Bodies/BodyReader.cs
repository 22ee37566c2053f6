using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Harden.Audit.Bodies;

/// <summary>Opens sealed bodies, and says what is wrong with those that can't be opened.</summary>
/// <param name="directory">The log's directory.</param>
/// <param name="keys">The keys; null to check only what can be checked without.</param>
internal sealed class BodyReader(string directory, BodyKeys? keys)
{
    /// <summary>Reads the body of an entry.</summary>
    /// <param name="entry">The entry, or a request joined from its entries.</param>
    /// <param name="side">Which body.</param>
    public OpenedBody Open(AuditEntry entry, BodySide side)
    {
        var body = side == BodySide.Request ? entry.Body?.Request : entry.Body?.Response;
        if (body is not { Ref.Length: > 0 })
            return new(null, BodyFault.NotKept, body is { NotCaptured.Length: > 0 } ? $"The body was not kept: {body.NotCaptured}." : "There is no body.");
        if (BodyRef.TryParse(body.Ref) is not { } place)
            return new(null, BodyFault.Altered, $"\"{body.Ref}\" is not the place of a body.");
        var path = Path.Combine(directory, place.Segment.BodiesName);
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return Open(file, place, body.Hmac, side, entry.RequestId);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(null, BodyFault.Missing, $"{place.Segment.BodiesName} is not there.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(null, BodyFault.Missing, $"{place.Segment.BodiesName} can't be read: {e.Message}");
        }
    }

    /// <summary>Reads a body from its file.</summary>
    public OpenedBody Open(SafeFileHandle file, BodyRef place, string hmac, BodySide side, string requestId)
    {
        if (ReadFrame(file, place.Offset) is not { } frame)
            return new(null, place.Offset >= RandomAccess.GetLength(file) ? BodyFault.Missing : BodyFault.Altered, $"There is no body at {place.Offset} of {place.Segment.BodiesName}.");
        return Open(frame, keys, place, hmac, side, requestId);
    }

    /// <summary>Opens a frame, wherever it comes from.</summary>
    public static OpenedBody Open(byte[] frame, BodyKeys? keys, BodyRef place, string hmac, BodySide side, string requestId)
    {
        if (!BodyFrame.IsWhole(frame))
            return new(null, BodyFault.Altered, $"The body at {place.Offset} of {place.Segment.BodiesName} does not match its own checksum.");
        if (keys is null)
            return new(null, BodyFault.KeyMissing, "There is no key to open it with.");
        if (keys.Find(BodyFrame.Key(frame)) is not { } key)
            return new(null, BodyFault.KeyMissing, $"The key {Convert.ToHexStringLower(BodyFrame.Key(frame))} that it was sealed with is not among those given.");
        return Unseal(frame, key, hmac, side, requestId) is { } bytes ? new(bytes, BodyFault.None, "") : new(null, BodyFault.Altered, "It is not the body that the entry speaks of.");
    }

    /// <summary>The frame that begins there; null if there is none.</summary>
    public static byte[]? ReadFrame(SafeFileHandle file, long offset)
    {
        var head = new byte[BodyFrame.Head];
        if (RandomAccess.Read(file, head, offset) < head.Length || BodyFrame.LengthOf(head) is not (> 0 and var length) || length > RandomAccess.GetLength(file) - offset)
            return null;
        var frame = new byte[length];
        for (var at = 0; at < length;)
        {
            var read = RandomAccess.Read(file, frame.AsSpan(at), offset + at);
            if (read == 0)
                return null;
            at += read;
        }
        return frame;
    }

    private static byte[]? Unseal(byte[] frame, BodyKey key, string hmac, BodySide side, string requestId)
    {
        var hash = new byte[32];
        if (hmac.Length != 64 || Convert.FromHexString(hmac, hash, out _, out _) != System.Buffers.OperationStatus.Done)
            return null;
        var associated = new byte[BodyFrame.AssociatedRoom(requestId)];
        var length = BodyFrame.Associate(hash, side, requestId, associated);
        var plain = new byte[frame.Length - BodyFrame.Overhead];
        using var aes = new AesGcm(key.SealKey(BodyFrame.Salt(frame)), BodyFrame.TagLength);
        try
        {
            aes.Decrypt(BodyFrame.Nonce(frame), BodyFrame.Text(frame), BodyFrame.Tag(frame), plain, associated.AsSpan(0, length));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        // The tag is by the sealing key; the hash is what the signed entry vouches for.
        var actual = new byte[32];
        key.Hash(plain, actual);
        return CryptographicOperations.FixedTimeEquals(actual, hash) ? plain : null;
    }
}

/// <summary>A body, or why there is none.</summary>
/// <param name="Bytes">The bytes that were kept, redacted; null if they can't be had.</param>
/// <param name="Fault">What is wrong.</param>
/// <param name="Text">The same as a sentence.</param>
internal sealed record OpenedBody(byte[]? Bytes, BodyFault Fault, string Text);

/// <summary>What can be wrong with a body.</summary>
internal enum BodyFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The record has none, and says why.</summary>
    NotKept,

    /// <summary>The record speaks of it, and it is gone.</summary>
    Missing,

    /// <summary>It is not what was sealed.</summary>
    Altered,

    /// <summary>The key it was sealed with is not at hand. It is whole as far as a checksum tells.</summary>
    KeyMissing,
}
