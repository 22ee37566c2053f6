using System.Buffers;
using Harden.Gateway.Audit.Redaction.Formats;
using Harden.Gateway.Configuration;
using Microsoft.Extensions.ObjectPool;

namespace Harden.Gateway.Audit.Redaction;

/// <summary>
/// Turns the beginning of a body, as it was captured, into what may be kept of it. Linear in its size, and never more than it understands: what
/// can't be read as what its content type says is not kept at all.
/// </summary>
internal sealed class BodyRedactor
{
    private readonly ObjectPool<BodyWork> pool;

    public BodyRedactor(Live<AuditOptions> live, StateDirectory state)
        : this(live.Current.Pseudonyms ? Pseudonyms.Open(live.Current.PseudonymKey is { Length: > 0 } key ? key : Path.Combine(state.Of("audit-key"), "pseudonyms.key")) : null)
    {
    }

    internal BodyRedactor(Pseudonyms? pseudonyms) => pool = new DefaultObjectPool<BodyWork>(new Policy(pseudonyms), Environment.ProcessorCount * 2);

    /// <summary>False if nothing of a body with this <c>Content-Type</c> can be kept, so that it needn't be captured.</summary>
    public static bool MayKeep(string? contentType) => MediaType.Parse(contentType).Format != BodyFormat.None;

    /// <summary>Writes what may be kept of a body. Returns null, or the stable word for why nothing may be; then nothing was written.</summary>
    /// <param name="captured">The body or its beginning, as it passed.</param>
    /// <param name="truncated">There was more, or the body ended before it was complete: its last word may be the first half of a secret.</param>
    /// <param name="contentType">Its <c>Content-Type</c>; empty if it has none.</param>
    /// <param name="contentEncoding">Its <c>Content-Encoding</c>; empty if it has none.</param>
    /// <param name="rules">What may be kept.</param>
    /// <param name="pointer">Where the body is in the entry, such as <c>/body/request</c>.</param>
    /// <param name="found">Told what was taken out.</param>
    /// <param name="output">Gets the redacted body, in UTF-8.</param>
    public string? Redact(in ReadOnlySequence<byte> captured, bool truncated, string contentType, string contentEncoding, BodyRules rules, string pointer, Redactions found, IBufferWriter<byte> output)
    {
        var type = MediaType.Parse(contentType);
        if (type.Format == BodyFormat.None)
            return NotKept.ContentType;
        if (type.Format == BodyFormat.Text && !rules.Text)
            return NotKept.NotAllowed;
        var work = pool.Get();
        var before = found.Found.Length;
        try
        {
            work.Begin(rules, pointer, found);
            if (work.Decode(captured, ref truncated, contentEncoding, type) is { } unreadable)
                return unreadable;
            work.Truncated = truncated;
            if (!type.Format.Write(work, work.Input, type))
            {
                found.BackTo(before);
                return NotKept.Undecodable;
            }
            work.End();
            output.Write(work.Written);
            return null;
        }
        finally
        {
            pool.Return(work);
        }
    }

    private sealed class Policy(Pseudonyms? pseudonyms) : PooledObjectPolicy<BodyWork>
    {
        public override BodyWork Create() => new(pseudonyms);

        public override bool Return(BodyWork obj) => obj.Forget();
    }
}
