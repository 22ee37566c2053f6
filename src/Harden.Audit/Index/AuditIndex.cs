using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Harden.Audit.Index;

/// <summary>
/// Keeps the index up to the log on a thread of its own, apart from those of requests. Whatever happens to the index is nothing to the log: it waits, or makes
/// the index anew.
/// </summary>
internal sealed class AuditIndex : IAuditIndex, IDisposable
{
    private readonly AuditIndexOptions options;
    private readonly Thread thread;
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim wake = new(0);
    private readonly Lock gate = new();
    private List<TaskCompletionSource<bool>> waiting = [];
    private readonly Manners manners;
    private IndexWriter? writer;
    private volatile string trouble = "";
    private volatile string distrust = "";
    private volatile bool current;
    private long done;
    private long total;

    private AuditIndex(AuditIndexOptions options)
    {
        this.options = options;
        manners = new(options.Time);
        thread = new(Run) { Name = "audit index", IsBackground = true, Priority = ThreadPriority.BelowNormal };
    }

    /// <summary>Begins to keep an index.</summary>
    public static AuditIndex Start(AuditIndexOptions options)
    {
        var index = new AuditIndex(options);
        index.thread.Start();
        return index;
    }

    /// <summary>Entries of the log that are indexed, as a part of one.</summary>
    public double Progress => Volatile.Read(ref total) is > 0 and var all ? (double)Volatile.Read(ref done) / all : 0;

    public string Remark => trouble.Length > 0 ? $"{trouble} Until it can be, searches read the files of the log, and may be given up early."
        : current ? ""
        : string.Create(CultureInfo.InvariantCulture, $"The index is catching up with the log ({Math.Min(99, Progress * 100):N0} % done). Until it has, searches read the files of the log, and may be given up early.");

    public async Task<bool> IsCurrentAsync(CancellationToken cancel)
    {
        var asked = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
            waiting.Add(asked);
        wake.Release();
        try
        {
            return await asked.Task.WaitAsync(options.Patience, cancel);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public void Distrust(Exception why)
    {
        distrust = why.Message;
        wake.Release();
    }

    public void Dispose()
    {
        stop.Cancel();
        if (thread.IsAlive)
            thread.Join(TimeSpan.FromSeconds(5));
    }

    private void Run()
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var pass = Pass();
                wake.Wait(pass, stop.Token);
                while (wake.Wait(0))
                {
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
        finally
        {
            writer?.Dispose();
            Answer(Take(), false);
        }
    }

    /// <summary>Brings the index up to what is there now.</summary>
    /// <returns>How long to wait until the next time.</returns>
    private TimeSpan Pass()
    {
        var asked = Take();
        try
        {
            if (distrust.Length > 0)
                throw new IndexUnfitException(distrust);
            writer ??= Open();
            writer.CatchUp(() =>
            {
                Measure();
                if (options.Gentle && asked.Count == 0 && !IsAsked())
                    wake.Wait(manners.Pause(), stop.Token); // a search that asks ends the pause
                manners.Resume();
            }, stop.Token);
            Measure();
            (current, trouble) = (true, "");
            Answer(asked, true);
            return options.Pause;
        }
        catch (Exception e) when (e is SqliteException or IndexUnfitException or IOException or UnauthorizedAccessException or TypeInitializationException)
        {
            Answer(asked, false);
            return Mend(e);
        }
    }

    private IndexWriter Open()
    {
        current = false;
        var id = Path.Combine(options.Log, "log-id");
        Directory.CreateDirectory(Path.GetDirectoryName(options.File)!);
        var opened = new IndexWriter(options.Log, IndexFile.OpenOrCreate(options.File, File.Exists(id) ? File.ReadAllText(id).Trim() : "", options.Bodies is not null), options.Durable, options.Bodies);
        if (opened.Fits())
            return opened;
        opened.Dispose();
        throw new IndexUnfitException("a segment is not what was indexed");
    }

    private TimeSpan Mend(Exception error)
    {
        writer?.Dispose();
        writer = null;
        current = false;
        var broken = error is IndexUnfitException || error is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB or SQLitePCL.raw.SQLITE_ERROR };
        if (!broken)
        {
            var sentence = $"The index can't be written: {Words(error)}.";
            if (trouble != sentence)
                options.Noticed?.Invoke(sentence + " The log is not concerned. It is tried again every few seconds.");
            trouble = sentence;
            return options.Retry;
        }
        options.Noticed?.Invoke($"The index did not fit the log ({Words(error)}) and is made anew. The log is not concerned.");
        distrust = "";
        try
        {
            IndexFile.Delete(options.File);
            return TimeSpan.Zero;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            trouble = $"The index can't be made anew: {Words(e)}.";
            return options.Retry;
        }
    }

    private void Measure()
    {
        Volatile.Write(ref done, writer!.Done);
        Volatile.Write(ref total, writer.Total);
    }

    private bool IsAsked()
    {
        lock (gate)
            return waiting.Count > 0;
    }

    private List<TaskCompletionSource<bool>> Take()
    {
        lock (gate)
        {
            var taken = waiting;
            waiting = [];
            return taken;
        }
    }

    private static void Answer(List<TaskCompletionSource<bool>> asked, bool current)
    {
        foreach (var one in asked)
            one.TrySetResult(current);
    }

    private static string Words(Exception error) => error switch
    {
        SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_FULL } => "its disk is full",
        TypeInitializationException => "SQLite is not available on this system",
        _ => error.Message.TrimEnd('.'),
    };
}

/// <summary>How an index is kept.</summary>
internal sealed record AuditIndexOptions
{
    /// <summary>The log's directory.</summary>
    public required string Log { get; init; }

    /// <summary>The file of the index.</summary>
    public required string File { get; init; }

    /// <summary>Place of the next entry to become durable, if this process writes the log; else null.</summary>
    public Func<LogPlace>? Durable { get; init; }

    /// <summary>Gives the text of the bodies of an entry; null if they are not indexed. Default null.</summary>
    public Func<ReadOnlyMemory<byte>, string>? Bodies { get; init; }

    /// <summary>Told what an operator should hear of.</summary>
    public Action<string>? Noticed { get; init; }

    /// <summary>How often the log is looked at. Default 1 s.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after a failure it is tried again. Default 10 s.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a search waits for the index to catch up. Default 2 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>While much is to be indexed, leave time to others: half of it, and nearly all while others wait for a processor. Default true.</summary>
    public bool Gentle { get; init; } = true;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
