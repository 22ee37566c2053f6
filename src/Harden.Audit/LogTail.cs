namespace Harden.Audit;

/// <summary>The end of the log: the open segment, the Merkle tree of the boot, the reserve. Only the writer's thread uses it.</summary>
internal sealed class LogTail : IDisposable
{
    private readonly LogDirectory directory;
    private readonly AuditLogOptions options;
    private readonly TimeProvider time;
    private readonly Reserve reserve;
    private readonly MerkleFrontier tree = new();
    private readonly MerkleFrontier durable = new(); // the tree as of the last successful flush
    private EntryFrame frame = new("", "");
    private readonly CheckpointFile? checkpoints;
    private byte[] buffer = new byte[1024 * 1024];
    private byte[] leaves = new byte[64 * 1024]; // hashes of the entries since the last commit
    private LeafFile? leafFile;
    private Segment? segment;
    private long first; // entries up to and with the segment's first
    private long since; // when the segment began, by the clock that is never set
    private volatile string bootId = "";
    private long durablePlace; // as one number, so that other threads read boot and size together
    private string copyTrouble = ""; // of the second place, as it was told
    private bool unsigned; // the last checkpoint could not be written

    public LogTail(LogDirectory directory, AuditLogOptions options, TimeProvider time, Action<Checkpoint, string>? signed)
    {
        (this.directory, this.options, this.time) = (directory, options, time);
        reserve = new(directory.Path, options.ReserveBytes);
        checkpoints = options.SigningKey is { } key ? new(directory, CheckpointKey.Open(key), options.CheckpointCopy is { } copy ? new(copy, options.StallLimit, time) : null, signed) : null;
    }

    public string BootId => bootId;

    /// <summary>The place of the next entry to become durable: all before it are. For any thread.</summary>
    public LogPlace Durable => LogPlace.Unpack(Volatile.Read(ref durablePlace));

    /// <summary>Ordinal of the boot.</summary>
    public int Boot => segment!.File.Boot;

    /// <summary>What the first entry says: how the last boot ended, as far as its files tell.</summary>
    /// <remarks>
    /// It repeats what the last checkpoint of that boot says, so that this boot's own checkpoints vouch for it too: who takes that one away, or puts an older
    /// one in its place, doesn't make what is missing look like a crash.
    /// </remarks>
    public AuditNotice StartNotice()
    {
        var before = options.SigningKey is null ? null : PreviousBoot.SignedFor(directory);
        var (size, root) = before is null ? (0, "") : (before.Size, Convert.ToBase64String(before.Root));
        return directory.Torn is { } torn
            ? new()
            {
                Reason = PreviousBoot.Torn,
                Detail = $"The last segment ended in {torn.Bytes} bytes that are no whole entry or body, as a crash leaves them. They were moved to {torn.File}.",
                File = torn.File,
                Count = torn.Bytes,
                TreeSize = size,
                Root = root,
            }
            : new() { Reason = PreviousBoot.Started, Detail = "The audit log was opened.", TreeSize = size, Root = root };
    }

    /// <summary>Begins a boot: a new id, a new tree, a new file.</summary>
    /// <returns>The notice, if an operator should hear of it.</returns>
    public AuditNotice? Begin(AuditNotice notice)
    {
        if (segment is not null)
            Checkpoint(); // the last word on the boot that ends here
        var id = Guid.CreateVersion7().ToString("N");
        var begun = directory.BeginBoot(id);
        segment?.Dispose();
        leafFile?.Dispose();
        segment = begun;
        leafFile = new(directory.Path, segment.File.Boot);
        bootId = id;
        frame = new(directory.LogId, id);
        tree.CopyFrom(new());
        durable.CopyFrom(tree);
        Append(EntryStage.Boot, notice);
        (first, since) = (durable.Size, time.GetTimestamp());
        Disk.SyncDirectory(directory.Path);
        reserve.TryTake();
        checkpoints?.Begin();
        Checkpoint();
        return notice.Reason == PreviousBoot.Started ? null : notice;
    }

    /// <summary>Writes entries and makes them durable: all of them or none.</summary>
    /// <returns>What had to be mended first; null if nothing.</returns>
    public AuditNotice? Append(List<PendingEntry> entries)
    {
        var cut = segment!.Lines.IsCut ? Inspect(segment.Lines) : segment.Bodies is { IsCut: true } kept ? Inspect(kept) : null;
        var bodies = segment.Bodies?.Length ?? 0;
        segment.WriteBodies(entries);
        try
        {
            var length = 0;
            foreach (var entry in entries)
                length += Frame(entry.Body, length);
            Commit(length);
            return cut;
        }
        catch (IOException)
        {
            segment.Bodies?.Cut(bodies); // no entry names them
            throw;
        }
    }

    /// <summary>Begins the next segment if this one is long or old enough. If that fails the present one goes on.</summary>
    public void RotateIfDue()
    {
        var old = segment!;
        if (old.Length < options.SegmentBytes && (durable.Size == first || time.GetElapsedTime(since) < options.SegmentAge))
            return;
        try
        {
            var next = Segment.Create(directory.Path, new(old.File.Boot, old.File.Number + 1));
            try
            {
                segment = next;
                Append(EntryStage.Segment, new()
                {
                    Reason = "rotated",
                    Detail = $"{old.File.Name} is complete.",
                    File = old.File.Name,
                    TreeSize = durable.Size,
                    Root = Convert.ToBase64String(durable.Root()),
                });
                Disk.SyncDirectory(directory.Path);
                (first, since) = (durable.Size, time.GetTimestamp());
                old.Dispose();
            }
            catch (IOException)
            {
                segment = old;
                next.Dispose();
                File.Delete(next.Lines.Path);
            }
        }
        catch (IOException)
        {
            // Tried again after the next batch; a disk that is really full shows at the next write.
        }
    }

    /// <summary>Signs what is durable.</summary>
    /// <returns>Why it can't be kept, for an operator; null if it is, or if that has been said.</returns>
    public AuditNotice? Checkpoint()
    {
        try
        {
            checkpoints?.Write(new(directory.LogId, bootId, segment!.File.Boot, durable.Size, durable.Root(), time.GetUtcNow()));
            var trouble = checkpoints?.Trouble ?? "";
            unsigned = false;
            (var told, copyTrouble) = (copyTrouble, trouble);
            return trouble.Length == 0 || trouble == told ? null : new() { Reason = "checkpoint-copy-failed", Detail = $"Checkpoints can't be kept in the second place: {trouble} The latest one is handed over as soon as they can." };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Tried again with the next tick. Until then the older one stands, which only proves less.
            var said = unsigned;
            unsigned = true;
            return said ? null : new() { Reason = "checkpoint-failed", Detail = $"What is written now can't be signed for: {e.Message}" };
        }
    }

    /// <summary>Looks after the files. Repairs what somebody did to them, and says so in the log.</summary>
    /// <returns>What was found; null if all is in place.</returns>
    public AuditNotice? Inspect()
    {
        directory.KeepLock(bootId);
        return Inspect(segment!.Lines) ?? (segment.Bodies is { } bodies ? Inspect(bodies) : null);
    }

    private AuditNotice? Inspect(AppendFile file)
    {
        switch (file.Fate())
        {
            case FileFate.InPlace:
                return null;
            case FileFate.Gone:
                file.Restore(time.GetUtcNow());
                reserve.TryTake();
                var restored = new AuditNotice
                {
                    Reason = "segment-restored",
                    Detail = $"{file.Name} was deleted, moved or replaced while it was written. It was restored in full.",
                    File = file.Name,
                    Count = durable.Size,
                };
                Append(EntryStage.Notice, restored);
                return restored;
            default:
                var cut = new AuditNotice
                {
                    Reason = "segment-cut",
                    Detail = $"{file.Name} was made shorter while it was written. What was cut off its end is missing.",
                    File = file.Name,
                    TreeSize = durable.Size,
                    Root = Convert.ToBase64String(durable.Root()),
                };
                return Begin(cut);
        }
    }

    /// <summary>Tries to write again after a failure.</summary>
    /// <returns>True if entries can be appended.</returns>
    public bool TryReopen(string trouble)
    {
        directory.KeepLock(bootId);
        if (!reserve.HasRoom || !reserve.TryTake())
            return false;
        var notice = new AuditNotice
        {
            Reason = "recovered",
            Detail = $"The log could not be written for a while. {trouble}",
            File = segment!.File.Name,
            TreeSize = durable.Size,
            Root = Convert.ToBase64String(durable.Root()),
        };
        if (segment.Poisoned || segment.Lines.IsCut)
            Begin(notice);
        else
            Append(EntryStage.Gap, notice);
        return true;
    }

    /// <summary>Writes that entries were lost.</summary>
    public bool TryTellLost(long count)
    {
        Append(EntryStage.Gap, new() { Reason = "lost", Detail = $"{count} entries could not be kept.", Count = count });
        return true;
    }

    /// <summary>Gives the reserved space back to the disk. False if there was none.</summary>
    public bool ReleaseReserve() => !segment!.Poisoned && reserve.Release();

    /// <summary>Writes the boot's last entry, if it can be.</summary>
    public void End(long lost)
    {
        try
        {
            if (segment is { Poisoned: false })
                Append(EntryStage.End, new() { Reason = "stopped", Detail = "The gateway stopped in order.", Count = lost });
            Checkpoint();
        }
        catch (IOException)
        {
            // Without it the boot reads as crashed, which is no less than the truth.
        }
    }

    public void Dispose()
    {
        segment?.Dispose();
        leafFile?.Dispose();
        checkpoints?.Dispose();
        reserve.Release();
        directory.Dispose();
    }

    private void Append(EntryStage stage, AuditNotice notice) =>
        Commit(Frame(NoticeEntry.Draft(stage, notice, time), 0));

    private int Frame(ReadOnlySpan<byte> body, int at)
    {
        var room = at + frame.Room(body.Length);
        if (room > buffer.Length)
            Array.Resize(ref buffer, room * 2);
        var line = frame.Write(tree.Size, body, buffer.AsSpan(at));
        var leaf = (int)(tree.Size - durable.Size) * 32;
        if (leaf + 32 > leaves.Length)
            Array.Resize(ref leaves, leaves.Length * 2);
        tree.Append(buffer.AsSpan(at, line), leaves.AsSpan(leaf, 32));
        return line + 1;
    }

    private void Commit(int length)
    {
        try
        {
            segment!.Lines.Write(buffer.AsSpan(0, length));
            segment.Lines.Sync();
            leafFile?.Append(leaves.AsSpan(0, (int)(tree.Size - durable.Size) * 32));
            durable.CopyFrom(tree);
            Volatile.Write(ref durablePlace, new LogPlace(segment.File.Boot, durable.Size).Pack());
        }
        catch (IOException)
        {
            tree.CopyFrom(durable);
            throw;
        }
    }
}
