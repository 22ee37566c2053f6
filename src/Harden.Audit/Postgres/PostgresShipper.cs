using Npgsql;

namespace Harden.Audit.Postgres;

/// <summary>
/// Ships the log of one replica to PostgreSQL. The log on disk stays what counts: while the database is away it simply grows, and shipping goes on where it
/// stopped. One connection, one transaction a batch; nothing of it is on a request's way.
/// </summary>
internal sealed class PostgresShipper : IAsyncDisposable
{
    private readonly NpgsqlDataSource source;
    private readonly string directory;
    private readonly LogFollower follower;
    private readonly PostgresShipperObserver observer;
    private NpgsqlConnection? connection;
    private LogPosition reached;
    private SegmentFile marked;
    private string? checkpoint;
    private string logId = "";

    public PostgresShipper(NpgsqlDataSource source, string directory, Func<LogPlace>? durable = null, PostgresShipperObserver? observer = null)
    {
        (this.source, this.directory, this.observer) = (source, directory, observer ?? new());
        follower = new(directory, durable);
    }

    /// <summary>Ships what there is to ship.</summary>
    /// <returns>False if everything has been shipped.</returns>
    /// <exception cref="NpgsqlException">The database can't be asked now; the next call tries again.</exception>
    public async Task<bool> ShipAsync(CancellationToken cancel)
    {
        try
        {
            if (connection is null)
                await ConnectAsync(cancel);
            var (entries, next) = follower.Read(reached, observer.Missed);
            await PostgresBatch.WriteAsync(connection!, logId, entries, reached, next, WriterLock.LiveBoot(directory), cancel);
            var moved = reached != next;
            reached = next;
            if (entries.Count > 0)
                observer.Shipped?.Invoke(entries.Count);
            await CheckpointAsync(cancel);
            Mark();
            return moved;
        }
        catch
        {
            // Whether the transaction was committed isn't known; the database says so at the next try.
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (connection is { } open)
            await open.DisposeAsync();
        connection = null;
    }

    private async Task ConnectAsync(CancellationToken cancel)
    {
        logId = LogDirectory.IdIn(directory) ?? throw new AuditLogException($"{directory} holds no log: it has no file log-id.");
        await PostgresSchema.MigrateAsync(source, cancel);
        var opened = await source.OpenConnectionAsync(cancel);
        try
        {
            await PostgresBatch.PrepareAsync(opened, cancel);
            reached = await PostgresBatch.ReachedAsync(opened, logId, cancel);
            await CheckSameAsync(opened, cancel);
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
        connection = opened;
    }

    // A state directory that was copied to another machine, or restored from an older copy, goes on under the same id with other content. Shipped to the same
    // place the two would be taken for one log: with gaps, since each goes on where the other stopped.
    private async Task CheckSameAsync(NpgsqlConnection opened, CancellationToken cancel)
    {
        var segments = SegmentFile.In(directory);
        var here = segments.Find(file => file.Boot == reached.File.Boot);
        var same = here.Boot > 0
            ? await PostgresBatch.BootIdAsync(opened, logId, here.Boot, cancel) is not { } shipped || BootIdOf(here) is not { } id || shipped == id
            : segments.Count == 0 || segments[^1].Boot > reached.File.Boot; // retention has deleted it, and there are younger ones
        if (same)
            return;
        throw new AuditLogException($"PostgreSQL has another boot {reached.File.Boot} of the log {logId} than {directory}: this directory is a copy, or was restored from an older one. Move it away and restart, so that this gateway begins a log of its own.");
    }

    private string? BootIdOf(SegmentFile file)
    {
        using var lines = ForwardLines.Read(Path.Combine(directory, file.Name)).GetEnumerator();
        return lines.MoveNext() ? AuditEntry.TryParse(lines.Current.Line)?.BootId : null;
    }

    // Only what the database has can be checked against it, so the checkpoint of the boot that was reached goes last.
    private async Task CheckpointAsync(CancellationToken cancel)
    {
        var file = Path.Combine(directory, Checkpoint.FileName(reached.File.Boot));
        if (!File.Exists(file))
            return;
        var note = await File.ReadAllTextAsync(file, cancel);
        if (note == checkpoint || note.Split('\n') is not [_, var line, ..] || !long.TryParse(line, out var size))
            return;
        await PostgresBatch.RunAsync(connection!, "insert into harden.checkpoint (log_id, boot, size, note) values ($1, $2, $3, $4) on conflict do nothing", cancel,
            logId, reached.File.Boot, size, note);
        checkpoint = note;
    }

    private void Mark()
    {
        if (marked == reached.File)
            return;
        ShippedMark.Write(directory, reached.File);
        marked = reached.File;
    }
}

/// <summary>What an operator wants to know of shipping.</summary>
internal sealed record PostgresShipperObserver
{
    /// <summary>So many entries are in the database now.</summary>
    public Action<int>? Shipped { get; init; }

    /// <summary>This file was deleted before it had been shipped whole.</summary>
    public Action<SegmentFile>? Missed { get; init; }
}
