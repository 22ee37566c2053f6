namespace Harden.Audit.Retention;

/// <summary>Puts on record what changes about holds, also what changed while no gateway ran and what was done past the command.</summary>
/// <param name="directory">The log's directory.</param>
/// <param name="time">The clock.</param>
/// <param name="tell">Writes a notice; true once it is durable.</param>
internal sealed class HoldWatch(string directory, TimeProvider time, Func<AuditNotice, ValueTask<bool>> tell)
{
    /// <summary>Reasons of the notices. Each gives as its count how many holds are in force with it.</summary>
    public const string Added = "hold-added", InForce = "hold-in-force", Released = "hold-released", Removed = "hold-removed";

    private const string Recorded = "holds.recorded"; // the file as it was when its last change was put on record
    private static readonly TimeSpan Again = TimeSpan.FromDays(1);

    private long? told;

    /// <summary>Looks at the holds.</summary>
    /// <returns>True if none is in force and all of that is on record.</returns>
    /// <exception cref="AuditLogException">The file can't be understood: nothing may be deleted.</exception>
    public async Task<bool> FreeAsync()
    {
        var content = HoldFile.ReadBytes(directory);
        var now = HoldFile.Parse(content).ToArray();
        var path = Path.Combine(directory, Recorded);
        var before = File.Exists(path) ? await File.ReadAllBytesAsync(path) : [];
        if (!content.AsSpan().SequenceEqual(before))
        {
            foreach (var notice in Changes(HoldFile.Parse(before).Where(IsInForce), now))
            {
                if (!await tell(notice))
                    return false;
                told = time.GetTimestamp();
            }
            await File.WriteAllBytesAsync(path + ".new", content);
            File.Move(path + ".new", path, overwrite: true);
        }
        // Told again now and then, so that who deletes under a hold, past this class, would have to delete what is new as well.
        if (now.Count(IsInForce) is > 0 and var count && (told is not { } last || time.GetElapsedTime(last) >= Again))
        {
            var names = string.Join(", ", now.Where(IsInForce).Select(static h => $"\"{h.Name}\""));
            if (!await tell(new() { Reason = InForce, Detail = $"In force, so that nothing is deleted: {names}.", Count = count }))
                return false;
            told = time.GetTimestamp();
        }
        return !now.Any(IsInForce);
    }

    private static IEnumerable<AuditNotice> Changes(IEnumerable<Hold> before, Hold[] now)
    {
        var old = before.ToArray();
        var count = now.Count(IsInForce);
        foreach (var hold in now.Where(h => IsInForce(h) && !Array.Exists(old, o => o.Name == h.Name)))
            yield return new() { Reason = Added, Count = count, Detail = $"Hold \"{hold.Name}\" by {hold.By}, nothing is deleted while it is in force: {hold.Reason}" };
        foreach (var hold in old.Where(o => !Array.Exists(now, h => IsInForce(h) && h.Name == o.Name)))
        {
            yield return Array.FindLast(now, h => h.Name == hold.Name)?.Released is { } release
                ? new() { Reason = Released, Count = count, Detail = $"Hold \"{hold.Name}\" was released by {release.By}: {release.Reason}" }
                : new() { Reason = Removed, Count = count, Detail = $"Hold \"{hold.Name}\" was taken out of holds.json without being released." };
        }
    }

    private static bool IsInForce(Hold hold) => hold.Released is null;
}
