namespace Harden.Audit.Retention;

/// <summary>Puts on record what changes about holds, also what changed while no gateway ran and what was done past the command.</summary>
/// <param name="directory">The log's directory.</param>
/// <param name="tell">Writes a notice; true once it is durable.</param>
internal sealed class HoldWatch(string directory, Func<AuditNotice, ValueTask<bool>> tell)
{
    private const string Recorded = "holds.recorded"; // the file as it was when its last change was put on record

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
            foreach (var notice in Changes(HoldFile.Parse(before).Where(InForce), now))
            {
                if (!await tell(notice))
                    return false;
            }
            await File.WriteAllBytesAsync(path + ".new", content);
            File.Move(path + ".new", path, overwrite: true);
        }
        return !now.Any(InForce);
    }

    private static IEnumerable<AuditNotice> Changes(IEnumerable<Hold> before, Hold[] now)
    {
        var old = before.ToArray();
        foreach (var hold in now.Where(h => InForce(h) && !Array.Exists(old, o => o.Name == h.Name)))
            yield return new() { Reason = "hold-added", Detail = $"Hold \"{hold.Name}\" by {hold.By}, nothing is deleted while it is in force: {hold.Reason}" };
        foreach (var hold in old.Where(o => !Array.Exists(now, h => InForce(h) && h.Name == o.Name)))
        {
            yield return Array.FindLast(now, h => h.Name == hold.Name)?.Released is { } release
                ? new() { Reason = "hold-released", Detail = $"Hold \"{hold.Name}\" was released by {release.By}: {release.Reason}" }
                : new() { Reason = "hold-removed", Detail = $"Hold \"{hold.Name}\" was taken out of holds.json without being released." };
        }
    }

    private static bool InForce(Hold hold) => hold.Released is null;
}
