using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harden.Audit.Proof;

/// <summary>
/// Proof that a request's entries are in the log, for a third party who has no log: the entries, their paths to the Merkle root, and the signed
/// checkpoint that names it.
/// </summary>
internal sealed record ProofFile
{
    /// <summary>The only format there is.</summary>
    public const string Current = "harden-audit-proof/1";

    /// <summary>Which format this is.</summary>
    public string Format { get; set; } = "";

    /// <summary>The signed note: size of the tree and its root.</summary>
    public string Checkpoint { get; set; } = "";

    /// <summary>The entries of the request.</summary>
    public IReadOnlyList<ProvenEntry> Entries { get; set; } = [];

    /// <summary>Reads a file's content; null if it isn't a proof.</summary>
    public static ProofFile? TryParse(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, ProofJson.Default.ProofFile) is { Format: Current, Checkpoint: not null, Entries: { } entries } file
                && entries.All(static e => e is { Entry: not null, Path: { } path } && path.All(static hash => hash is not null)) ? file : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The file's content.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ProofJson.Default.ProofFile);

    /// <summary>Checks it.</summary>
    /// <param name="key">The public key of the log, from somewhere it can be trusted.</param>
    /// <returns>What is wrong, one sentence each; empty if the entries are proven.</returns>
    public IReadOnlyList<string> Check(ECDsa key)
    {
        if (Audit.Checkpoint.TryOpen(Checkpoint, key) is not { } signed)
            return ["The checkpoint is not signed by the given key, or was altered."];
        if (Entries.Count == 0)
            return ["It has no entries."];
        return [.. Entries.Select(e => Check(e, signed)).OfType<string>()];
    }

    private static string? Check(ProvenEntry proven, Checkpoint signed)
    {
        var line = Encoding.UTF8.GetBytes(proven.Entry);
        if (AuditEntry.TryParse(line) is not { } entry)
            return $"Entry {proven.Index} is no entry of a log.";
        if (entry.BootId != signed.BootId || entry.LogId != signed.LogId)
            return $"Entry {proven.Index} belongs to another log or boot than the checkpoint.";
        if (entry.Seq != proven.Index)
            return $"Entry {proven.Index} says of itself that it is entry {entry.Seq}.";
        if (proven.Index >= signed.Size)
            return $"Entry {proven.Index} is beyond the {signed.Size} entries that were signed for.";
        if (MerklePath.Root(MerkleFrontier.LeafHash(line), proven.Index, signed.Size, proven.Path) is not { } root)
            return $"The path of entry {proven.Index} has not the length it must have in a tree of {signed.Size} entries.";
        return root.AsSpan().SequenceEqual(signed.Root) ? null
            : $"Entry {proven.Index} is not the one that was signed for{(EntryFrame.IsWhole(line) ? ": it, or its path, was altered" : ": it was altered, and doesn't match its own checksum")}.";
    }
}

/// <summary>One entry and its path.</summary>
internal sealed record ProvenEntry
{
    /// <summary>The entry's line as it is in the log, byte for byte: what is hashed.</summary>
    public string Entry { get; set; } = "";

    /// <summary>Its leaf in the tree, from 0.</summary>
    public long Index { get; set; }

    /// <summary>The hashes beside its way to the root, from the leaf up, in base64.</summary>
    public IReadOnlyList<byte[]> Path { get; set; } = [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ProofFile))]
internal sealed partial class ProofJson : JsonSerializerContext;
