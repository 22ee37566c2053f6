using Harden.Audit.Retention;

namespace Harden.Audit;

/// <summary>How the log is written.</summary>
internal sealed record AuditLogOptions
{
    /// <summary>A segment is closed when it is this long, in bytes. Default 128 MiB.</summary>
    public long SegmentBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary>A segment is closed when it is this old, so that retention can delete it. Default one day.</summary>
    public TimeSpan SegmentAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>What is kept, asked for each time; null to keep everything. Needs <see cref="SigningKey"/>: nothing is deleted without a signed tombstone.</summary>
    public Func<RetentionLimits>? Retention { get; init; }

    /// <summary>How often holds are looked at and what is due is deleted. Default 10 s.</summary>
    public TimeSpan RetentionEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Entries that wait for the writer; more make their appenders wait. Default 8192.</summary>
    public int QueueLength { get; init; } = 8192;

    /// <summary>How long an entry nobody waits for may stay in memory. Default 50 ms.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>A write that takes longer counts as hung: waiters are told no. Default 5 s.</summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Space kept back for the closing words of requests that were already forwarded when the disk filled. Default 8 MiB.</summary>
    public long ReserveBytes { get; init; } = 8L * 1024 * 1024;

    /// <summary>File of the private key that signs checkpoints, created if it isn't there; null for a log without proof.</summary>
    public string? SigningKey { get; init; }

    /// <summary>A file that gets a copy of each checkpoint; null for none.</summary>
    public string? CheckpointCopy { get; init; }

    /// <summary>How often the file is looked at, recovery is tried and a checkpoint signed. Default 1 s.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Who wants to know what happens to the log. Called on the writer's thread: must be quick and must not throw.</summary>
internal sealed record AuditLogObserver
{
    /// <summary>A batch is durable: how many entries, how many bytes, how long it took.</summary>
    public Action<int, int, TimeSpan>? Flushed { get; init; }

    /// <summary>The log can't be written: a stable word and a sentence.</summary>
    public Action<string, string>? Failed { get; init; }

    /// <summary>It can be written again.</summary>
    public Action? Recovered { get; init; }

    /// <summary>Something happened to the files: torn tail, deleted segment.</summary>
    public Action<AuditNotice>? Noticed { get; init; }

    /// <summary>A checkpoint was signed for entries that the one before did not cover: what it says, and the signed note, to be kept in a second place.</summary>
    public Action<Checkpoint, string>? Signed { get; init; }

    /// <summary>An entry could not be kept.</summary>
    public Action? Lost { get; init; }
}

/// <summary>Whether the log can be written.</summary>
internal enum LogState
{
    /// <summary>It can.</summary>
    Healthy,

    /// <summary>The disk is full: only closing words, from the reserve.</summary>
    Full,

    /// <summary>It can't; tried again every tick.</summary>
    Failed,

    /// <summary>A write hangs.</summary>
    Stalled,

    /// <summary>Closed.</summary>
    Closed,
}
