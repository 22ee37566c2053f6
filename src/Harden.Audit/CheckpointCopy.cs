using System.Text;

namespace Harden.Audit;

/// <summary>
/// Appends checkpoints to a file in a second place. That may be a share that hangs, and the log must not hang with it: it is written to on a thread of its own, and
/// while that takes long newer checkpoints overtake older ones.
/// </summary>
internal sealed class CheckpointCopy(string path, TimeSpan patience, TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private string? waiting;
    private Task writing = Task.CompletedTask;
    private long since;
    private string trouble = "";

    /// <summary>Hands a checkpoint over; waits for nothing.</summary>
    public void Keep(string note)
    {
        lock (gate)
        {
            waiting = note;
            if (!writing.IsCompleted)
                return;
            since = time.GetTimestamp();
            writing = Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>What is wrong with the place, as a sentence; empty if nothing is.</summary>
    public string Trouble
    {
        get
        {
            lock (gate)
                return !writing.IsCompleted && time.GetElapsedTime(since) > patience ? $"{path} does not answer." : trouble;
        }
    }

    /// <summary>The notes in such a file, in whatever state it is, one at a time: it may be long.</summary>
    public static IEnumerable<string> Read(string path)
    {
        var note = new StringBuilder();
        foreach (var line in File.ReadLines(path))
        {
            var at = line.IndexOf(Checkpoint.OriginPrefix, StringComparison.Ordinal);
            if (at < 0)
            {
                note.Append(line).Append('\n');
                continue;
            }
            note.Append(line.AsSpan(0, at)); // of one that was cut off, and another begun behind it
            if (!IsBlank(note))
                yield return note.ToString();
            note.Clear().Append(line.AsSpan(at)).Append('\n');
        }
        if (!IsBlank(note))
            yield return note.ToString();
    }

    /// <summary>Ends when the last one is written, or when that takes too long.</summary>
    public void Dispose()
    {
        Task last;
        lock (gate)
            last = writing;
        last.Wait(patience);
    }

    private static bool IsBlank(StringBuilder note) => note.ToString().Trim().Length == 0;

    private void Write()
    {
        while (true)
        {
            string note;
            lock (gate)
            {
                if (waiting is null)
                {
                    writing = Task.CompletedTask; // who hands over the next one must not take this thread for still writing
                    return;
                }
                (note, waiting, since) = (waiting, null, time.GetTimestamp());
            }
            try
            {
                File.AppendAllText(path, note + "\n");
                trouble = "";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                lock (gate)
                {
                    trouble = e.Message;
                    waiting ??= note; // tried again with the next
                    writing = Task.CompletedTask;
                    return;
                }
            }
        }
    }
}
