using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>What is needed while one body is redacted. Kept for the next one unless it grew large.</summary>
internal sealed class BodyWork
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
    private readonly ArrayBufferWriter<byte> written = new(8 * 1024);
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
        Json = new(written, Relaxed);
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

    public ReadOnlySpan<byte> Written => written.WrittenSpan;

    public void Begin(BodyRules rules, string at, Redactions redactions)
    {
        (Rules, pointer, found, notes, hasMasked) = (rules, at, redactions, 0, false);
        written.ResetWrittenCount();
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
        return written.Capacity <= LargestKept && text.Length + cleaned.Length + bytes.Length <= LargestKept && decoder.Forget(LargestKept);
    }

    public void Write(ReadOnlySpan<byte> utf8) => written.Write(utf8);

    /// <summary>Room for at least so many bytes of output, to be told of with <see cref="Wrote"/>.</summary>
    public Span<byte> Room(int length) => written.GetSpan(length);

    /// <summary>So many bytes were written to <see cref="Room"/>.</summary>
    public void Wrote(int length) => written.Advance(length);

    public void Write(ReadOnlySpan<char> chars) => written.Advance(Encoding.UTF8.GetBytes(chars, written.GetSpan(Encoding.UTF8.GetMaxByteCount(chars.Length))));

    /// <summary>How much is written, for <see cref="Rewind"/>.</summary>
    public int Position => written.WrittenCount;

    /// <summary>Takes back what was written since.</summary>
    public void Rewind(int position)
    {
        written.ResetWrittenCount(); // keeps the bytes
        written.Advance(position);
    }

    /// <summary>Replaces a byte in what was written since.</summary>
    public void Replace(int position, byte old, byte by)
    {
        var length = written.WrittenCount - position;
        written.ResetWrittenCount(); // keeps the bytes
        written.Advance(position);
        written.GetSpan(Math.Max(length, 1))[..length].Replace(old, by);
        written.Advance(length);
    }

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
