using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;

namespace Harden.Audit.Bodies;

/// <summary>
/// Seals bodies for the record, on the thread of the request: AES-256-GCM with a key of this start and a counted nonce each. What has been sealed and
/// not yet written is bounded: a disk that hangs must not fill the memory.
/// </summary>
internal sealed class BodyVault : IDisposable
{
    /// <summary>Longest body that can be sealed, in bytes.</summary>
    public const int MaxBody = 1024 * 1024;

    private const long SealsPerSalt = 1L << 30;
    private const int PoolSize = 512;

    private readonly ConcurrentQueue<SealedBody> pool = new();
    private readonly BodyKey key;
    private readonly long budget;
    private Cipher cipher;
    private long waiting;

    public BodyVault(BodyKeys keys, long budget = 64 * 1024 * 1024)
    {
        (Keys, key, this.budget) = (keys, keys.Current, budget);
        cipher = new(key);
    }

    /// <summary>Every key there is, for reading.</summary>
    public BodyKeys Keys { get; }

    /// <summary>Bytes that are sealed and not yet written.</summary>
    public long Waiting => Volatile.Read(ref waiting);

    /// <summary>Seals a body.</summary>
    /// <param name="requestId">Id of the request, as its entry has it.</param>
    /// <param name="side">Which body of it.</param>
    /// <param name="redacted">The bytes to keep, from which everything secret has been taken; at most <see cref="MaxBody"/>.</param>
    /// <returns>Null if so much waits for the disk that there is no room; the entry then says that the body was not kept.</returns>
    public SealedBody? TrySeal(string requestId, BodySide side, ReadOnlySpan<byte> redacted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(redacted.Length, MaxBody);
        var length = redacted.Length + BodyFrame.Overhead;
        if (Interlocked.Add(ref waiting, length) > budget)
        {
            Interlocked.Add(ref waiting, -length);
            return null;
        }
        var body = pool.TryDequeue(out var used) ? used : new(this);
        var frame = body.Begin(length);
        Span<byte> hash = stackalloc byte[32];
        var current = Current();
        current.Hash(redacted, hash);
        body.Hashed(hash);
        var room = BodyFrame.AssociatedRoom(requestId);
        var associated = room <= 512 ? stackalloc byte[512] : new byte[room];
        associated = associated[..BodyFrame.Associate(hash, side, requestId, associated)];
        current.Seal(redacted, associated, frame);
        BodyFrame.Close(frame);
        return body;
    }

    public void Dispose() => cipher.Dispose();

    internal void Returned(SealedBody body, int length)
    {
        Interlocked.Add(ref waiting, -length);
        if (pool.Count < PoolSize)
            pool.Enqueue(body);
    }

    private Cipher Current()
    {
        var current = Volatile.Read(ref cipher);
        if (current.Seals <= SealsPerSalt)
            return current;
        var next = new Cipher(key);
        return Interlocked.CompareExchange(ref cipher, next, current) == current ? next : Volatile.Read(ref cipher);
    }

    /// <summary>The key of one salt. The platform's objects are not for two threads at once, hence one each.</summary>
    private sealed class Cipher : IDisposable
    {
        private readonly byte[] id;
        private readonly byte[] salt = RandomNumberGenerator.GetBytes(BodyFrame.SaltLength);
        private readonly ThreadLocal<(AesGcm Aes, IncrementalHash Mac)> tools;
        private long seals;

        public Cipher(BodyKey key)
        {
            id = key.Id;
            var secret = key.SealKey(salt);
            tools = new(() => (new(secret, BodyFrame.TagLength), key.CreateHash()), trackAllValues: true);
        }

        /// <summary>How often it has sealed.</summary>
        public long Seals => Volatile.Read(ref seals);

        public void Hash(ReadOnlySpan<byte> plain, Span<byte> into)
        {
            var mac = tools.Value.Mac;
            mac.AppendData(plain);
            mac.GetHashAndReset(into);
        }

        public void Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> associated, Span<byte> frame)
        {
            id.CopyTo(BodyFrame.Key(frame));
            salt.CopyTo(BodyFrame.Salt(frame));
            // Counted, so never twice under a key that no other process has; with the clock, so that copies of a running machine don't count alike.
            var nonce = BodyFrame.Nonce(frame);
            BinaryPrimitives.WriteInt64LittleEndian(nonce, Interlocked.Increment(ref seals));
            BinaryPrimitives.WriteInt32LittleEndian(nonce[sizeof(long)..], (int)Stopwatch.GetTimestamp());
            tools.Value.Aes.Encrypt(nonce, plain, BodyFrame.Text(frame), BodyFrame.Tag(frame), associated);
        }

        public void Dispose()
        {
            foreach (var (aes, mac) in tools.Values)
            {
                aes.Dispose();
                mac.Dispose();
            }
            tools.Dispose();
        }
    }
}
