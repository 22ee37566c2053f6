using System.Globalization;

namespace Harden.Audit.Postgres;

/// <summary>Where an entry stands among those of all logs.</summary>
/// <param name="At">Its time in UTC, never before that of the entry before it in the same log.</param>
/// <param name="LogId">Id of the log.</param>
/// <param name="Boot">Ordinal of the boot.</param>
/// <param name="Seq">Place in the boot.</param>
internal sealed record FleetPlace(DateTime At, string LogId, int Boot, long Seq)
{
    /// <summary>As parameters of a comparison.</summary>
    public object[] Values => [At, LogId, Boot, Seq];

    /// <summary>Reads a cursor; null if there is none.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static FleetPlace? Parse(string? cursor)
    {
        if (string.IsNullOrEmpty(cursor))
            return null;
        if (cursor.Split('.') is [var at, var log, var boot, var seq] && log.Length is > 0 and <= 64
            && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks
            && int.TryParse(boot, NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
            && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var place))
            return new(new(ticks, DateTimeKind.Utc), log, ordinal, place);
        throw new FormatException($"\"{cursor}\" is not the address of a page of the record.");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.Ticks}.{LogId}.{Boot}.{Seq}");
}
