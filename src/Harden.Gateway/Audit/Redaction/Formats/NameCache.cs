using System.Runtime.InteropServices;
using System.Text;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>What is known of names, because the same few come again and again. Of a fixed size: a name takes the place of another with the same hash.</summary>
internal sealed class NameCache
{
    private const int Slots = 256;
    private const int Longest = 32;

    private readonly byte[] names = new byte[Slots * Longest];
    private readonly (byte Length, SecretName Kind, bool IsPlain)[] known = new (byte, SecretName, bool)[Slots];

    /// <summary>What is known of a name: what it says of its value, and whether it can be shown.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out (SecretName Kind, bool IsPlain) found)
    {
        var slot = SlotOf(name);
        var at = known[slot];
        found = (at.Kind, at.IsPlain);
        return name.Length is > 0 and <= Longest && at.Length == name.Length && name.SequenceEqual(names.AsSpan(slot * Longest, name.Length));
    }

    /// <summary>What a name says of its value, and whether it can be shown.</summary>
    public (SecretName Kind, bool IsPlain) Of(ReadOnlySpan<char> name)
    {
        Span<byte> utf8 = stackalloc byte[Longest * 3];
        if (name.Length is 0 or > Longest)
            return (SecretNames.Of(name), PlainName.Is(name));
        utf8 = utf8[..Encoding.UTF8.GetBytes(name, utf8)];
        if (TryFind(utf8, out var found))
            return found;
        found = (SecretNames.Of(name), PlainName.Is(name));
        Keep(utf8, found);
        return found;
    }

    /// <summary>Remembers it, if it is short.</summary>
    public void Keep(ReadOnlySpan<byte> name, (SecretName Kind, bool IsPlain) judged)
    {
        if (name.Length is 0 or > Longest)
            return;
        var slot = SlotOf(name);
        name.CopyTo(names.AsSpan(slot * Longest));
        known[slot] = ((byte)name.Length, judged.Kind, judged.IsPlain);
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
