using System.Globalization;

namespace Harden.Gateway.Identity.Sessions.Store;

/// <summary>A place in the list of all sessions, which is ordered by when each ends at the latest and then by name.</summary>
internal readonly record struct SessionCursor(long Expires, string Id) : IComparable<SessionCursor>
{
    public static SessionCursor Of(DateTimeOffset expires, string id) => new(expires.ToUnixTimeMilliseconds(), id);

    /// <summary>Reads one; null if it is none.</summary>
    public static SessionCursor? Parse(string? text) =>
        text?.Split('-') is [var expires, var id] && long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && SessionKey.Parse(id) is not null
            ? new(milliseconds, id) : null;

    public int CompareTo(SessionCursor other) => Expires != other.Expires ? Expires.CompareTo(other.Expires) : string.CompareOrdinal(Id, other.Id);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Expires}-{Id}");
}
