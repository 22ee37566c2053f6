namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>What is known of names, because the same few come again and again. Of a fixed size: a name takes the place of another with the same hash.</summary>
internal sealed class NameCache
{
    private const int Slots = 256;
    private const int Longest = 32;

    private readonly char[] names = new char[Slots * Longest];
    private readonly (byte Length, SecretName Kind, bool IsPlain)[] known = new (byte, SecretName, bool)[Slots];

    /// <summary>What a name says of its value, and whether it can be shown.</summary>
    public (SecretName Kind, bool IsPlain) Of(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > Longest)
            return (SecretNames.Of(name), PlainName.Is(name));
        var slot = string.GetHashCode(name) & (Slots - 1);
        ref var at = ref known[slot];
        var place = names.AsSpan(slot * Longest, name.Length);
        if (at.Length != name.Length || !name.SequenceEqual(place))
        {
            name.CopyTo(place);
            at = ((byte)name.Length, SecretNames.Of(name), PlainName.Is(name));
        }
        return (at.Kind, at.IsPlain);
    }
}
