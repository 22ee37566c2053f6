using System.Runtime.InteropServices;
using System.Text;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>What is known of a name.</summary>
/// <param name="Kind">What it says of its value.</param>
/// <param name="IsPlain">It can be shown.</param>
/// <param name="Role">What it does where an object names its value by another member.</param>
internal readonly record struct KnownName(SecretName Kind, bool IsPlain, NameRole Role)
{
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Labels = Lookup(
        "name", "key", "field", "id", "label", "type", "param", "parameter", "header", "property", "attribute", "variable", "setting", "option");

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Values = Lookup(
        "value", "values", "val", "content", "data", "text", "default", "defaultValue", "initialValue", "currentValue", "newValue", "oldValue");

    /// <summary>What is known of any name.</summary>
    public static KnownName Of(ReadOnlySpan<char> name) =>
        new(SecretNames.Of(name), PlainName.Is(name), Labels.Contains(name) ? NameRole.Label : Values.Contains(name) ? NameRole.Value : NameRole.None);

    private static HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup(params ReadOnlySpan<string> names)
    {
        var all = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
            all.Add(name);
        return all.GetAlternateLookup<ReadOnlySpan<char>>();
    }
}

/// <summary>What a name does where an object names its value by another member, as in <c>{"name":"password","value":"…"}</c>.</summary>
internal enum NameRole : byte
{
    None,

    /// <summary>Its value is the name.</summary>
    Label,

    /// <summary>It has the value.</summary>
    Value,
}

/// <summary>What is known of names, because the same few come again and again. Of a fixed size: a name takes the place of another with the same hash.</summary>
internal sealed class NameCache
{
    private const int Slots = 256;
    private const int Longest = 32;

    private readonly byte[] names = new byte[Slots * Longest];
    private readonly (byte Length, KnownName Name)[] known = new (byte, KnownName)[Slots];

    /// <summary>What is known of a name.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out KnownName found)
    {
        var slot = SlotOf(name);
        (var length, found) = known[slot];
        return name.Length is > 0 and <= Longest && length == name.Length && name.SequenceEqual(names.AsSpan(slot * Longest, name.Length));
    }

    /// <summary>What is known of a name, or can be found out.</summary>
    public KnownName Of(ReadOnlySpan<char> name)
    {
        Span<byte> utf8 = stackalloc byte[Longest * 3];
        if (name.Length is 0 or > Longest)
            return KnownName.Of(name);
        utf8 = utf8[..Encoding.UTF8.GetBytes(name, utf8)];
        if (TryFind(utf8, out var found))
            return found;
        found = KnownName.Of(name);
        Keep(utf8, found);
        return found;
    }

    /// <summary>Remembers it, if it is short.</summary>
    public void Keep(ReadOnlySpan<byte> name, KnownName judged)
    {
        if (name.Length is 0 or > Longest)
            return;
        var slot = SlotOf(name);
        name.CopyTo(names.AsSpan(slot * Longest));
        known[slot] = ((byte)name.Length, judged);
    }

    // Ends differ more often than beginnings. Whoever chooses names so that they meet only slows their own request down.
    private static int SlotOf(ReadOnlySpan<byte> name)
    {
        var hash = (ulong)name.Length;
        if (name.Length >= sizeof(ulong))
            hash ^= MemoryMarshal.Read<ulong>(name) ^ (MemoryMarshal.Read<ulong>(name[^sizeof(ulong)..]) * 31);
        else
        {
            foreach (var one in name)
                hash = (hash * 31) + one;
        }
        return (int)((hash * 0x9e3779b97f4a7c15) >> 56);
    }
}
