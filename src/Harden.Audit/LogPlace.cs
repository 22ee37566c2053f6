using System.Globalization;

namespace Harden.Audit;

/// <summary>Where an entry stands in a log: its boot and its place in that. What is later is greater, whatever the clocks said.</summary>
/// <param name="Boot">Ordinal of the boot.</param>
/// <param name="Seq">Place in the boot.</param>
internal readonly record struct LogPlace(int Boot, long Seq) : IComparable<LogPlace>
{
    /// <summary>Reads a cursor; null if there is none.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static LogPlace? Parse(string? cursor)
    {
        if (string.IsNullOrEmpty(cursor))
            return null;
        var point = cursor.IndexOf('.', StringComparison.Ordinal);
        return point > 0 && int.TryParse(cursor.AsSpan(0, point), NumberStyles.None, CultureInfo.InvariantCulture, out var boot)
            && long.TryParse(cursor.AsSpan(point + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
                ? new(boot, seq)
                : throw new FormatException($"\"{cursor}\" is not the address of a page of the record.");
    }

    /// <summary>
    /// The place of a request of which only this later entry is left, because its intent is in a segment that retention has deleted: older than all whose
    /// intents are there.
    /// </summary>
    public LogPlace WithoutIntent() => new(0, Pack());

    /// <summary>As one number in the same order: 23 bits of boot, 40 of place. Places without intent are negative.</summary>
    public long Pack() => Boot == 0 ? Seq + NoIntent : ((long)Boot << 40) | Seq;

    /// <summary>Reverses <see cref="Pack"/>.</summary>
    public static LogPlace Unpack(long packed) => packed < 0 ? new(0, packed - NoIntent) : new((int)(packed >> 40), packed & ((1L << 40) - 1));

    private const long NoIntent = long.MinValue;

    public int CompareTo(LogPlace other) => Boot != other.Boot ? Boot.CompareTo(other.Boot) : Seq.CompareTo(other.Seq);

    public static bool operator <(LogPlace one, LogPlace? other) => other is { } place && one.CompareTo(place) < 0;

    public static bool operator >(LogPlace one, LogPlace? other) => other is { } place && one.CompareTo(place) > 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Boot}.{Seq}");
}
