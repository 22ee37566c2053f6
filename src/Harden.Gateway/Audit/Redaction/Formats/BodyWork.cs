using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>What is needed while one body is redacted. Kept for the next one unless it grew large.</summary>
internal sealed class BodyWork : IBufferWriter<byte>
{
    /// <summary>Stands for a value that was taken out.</summary>
    public const string Mark = "*";

    /// <summary>Stands for what is missing at the end.</summary>
    public const string Cut = "…";

    private const int LargestKept = 512 * 1024;
    private const int MostNotes = 8;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Pseudonyms? pseudonyms;
    private readonly IncrementalHash? keyed;
    private byte[] written = new byte[8 * 1024];
    private readonly BodyDecoder decoder = new();
    private char[] text = new char[1024];
    private char[] cleaned = new char[1024];
    private byte[] bytes = new byte[1024];
    private readonly byte[] standing = new byte[Pseudonyms.Longest];
    private Redactions found = new();
    private string pointer = "";
    private int notes;
    private bool hasMasked;

    public BodyWork(Pseudonyms? pseudonyms)
    {
        this.pseudonyms = pseudonyms;
        keyed = pseudonyms?.CreateHash();
        Json = new(this, Relaxed);
    }

    public BodyRules Rules { get; private set; } = new();

    /// <summary>The body ends before its end.</summary>
    public bool Truncated { get; set; }

    /// <summary>Writes a value to the output, escaped. Reset before it, flushed after it.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>Where we are while JSON is read.</summary>
    public JsonLevel[] Levels { get; } = new JsonLevel[JsonBody.Deepest + 2];

    /// <summary>What is known of the names in bodies.</summary>
    public NameCache Names { get; } = new();

    /// <summary>The body as UTF-8.</summary>
    public ReadOnlySpan<byte> Input => decoder.Result;

    public ReadOnlySpan<byte> Written => written.AsSpan(0, Position);

    public void Begin(BodyRules rules, string at, Redactions redactions)
    {
        (Rules, pointer, found, notes, hasMasked) = (rules, at, redactions, 0, false);
        Position = 0;
    }

    /// <summary>Makes UTF-8 of the captured bytes, but of a multipart body, which may hold anything. Returns why it can't.</summary>
    public string? Decode(in ReadOnlySequence<byte> captured, ref bool truncated, ReadOnlySpan<char> contentEncoding, MediaType type) =>
        decoder.Decode(captured, ref truncated, contentEncoding, type.Charset, asItIs: type.Format == BodyFormat.Multipart);

    /// <summary>All is written.</summary>
    public void End()
    {
        if (hasMasked)
            found.Add(pointer, "not-allowed");
    }

    /// <summary>Lets go of the body. Returns false if this grew too large to keep.</summary>
    public bool Forget()
    {
        found = new();
        return written.Length <= LargestKept && text.Length + cleaned.Length + bytes.Length <= LargestKept && decoder.Forget(LargestKept);
    }

    /// <summary>How much is written, for <see cref="Rewind"/>.</summary>
    public int Position { get; private set; }

    public void Write(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(GetSpan(utf8.Length));
        Position += utf8.Length;
    }

    public void Write(ReadOnlySpan<char> chars) => Advance(Encoding.UTF8.GetBytes(chars, GetSpan(Encoding.UTF8.GetMaxByteCount(chars.Length))));

    /// <summary>Room for at least so many bytes of output, to be told of with <see cref="Advance"/>.</summary>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (written.Length - Position <= sizeHint)
            Grow(sizeHint);
        return written.AsSpan(Position);
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => written.AsMemory(written.Length - GetSpan(sizeHint).Length);

    /// <summary>So many bytes were written to <see cref="GetSpan"/>.</summary>
    public void Advance(int count) => Position += count;

    /// <summary>Takes back what was written since.</summary>
    public void Rewind(int position) => Position = position;

    /// <summary>Replaces a byte in what was written since.</summary>
    public void Replace(int position, byte old, byte by) => written.AsSpan(position, Position - position).Replace(old, by);

    /// <summary>A secret was taken out.</summary>
    /// <param name="below">Where in the body; empty, or begins with a slash.</param>
    /// <param name="rule">The rule that took it.</param>
    public void Note(string below, string rule)
    {
        if (++notes <= MostNotes)
            found.Add(pointer + below, rule);
    }

    /// <summary>Whether a note would still be recorded.</summary>
    public bool Notes => notes < MostNotes;

    /// <summary>A value was taken out because no rule keeps it.</summary>
    public void Masked() => hasMasked = true;

    /// <summary>Whether values leave pseudonyms.</summary>
    public bool HasPseudonyms => pseudonyms is not null;

    /// <summary>What stands for a value that no rule keeps: its pseudonym, or a star.</summary>
    public ReadOnlySpan<byte> Stand(ReadOnlySpan<byte> value)
    {
        hasMasked = true;
        return pseudonyms is null ? "*"u8 : standing.AsSpan(0, pseudonyms.Write(value, keyed!, standing));
    }

    private void Grow(int by) => Array.Resize(ref written, Math.Max(Position + by + 1, written.Length * 2));

    /// <summary>Room for so many bytes.</summary>
    public Span<byte> Bytes(int length)
    {
        if (bytes.Length < length)
            bytes = new byte[Math.Max(length, bytes.Length * 2)];
        return bytes.AsSpan(0, length);
    }

    /// <summary>Room for so many characters.</summary>
    public Span<char> Chars(int length)
    {
        if (text.Length < length)
            text = new char[Math.Max(length, text.Length * 2)];
        return text.AsSpan(0, length);
    }

    /// <summary>The text without its secrets, and the rule of the first; null if it has none.</summary>
    public ReadOnlySpan<char> Clean(ReadOnlySpan<char> value, out string? rule) => SecretShape.Mask(value, ref cleaned, out rule);
}
