using System.CommandLine;
using Harden.Audit;

namespace Harden.Cli.Audit;

/// <summary><c>harden audit tail</c>.</summary>
internal static class TailCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly Option<int> Count = new("--count", "-n") { HelpName = "N", Description = "How many requests.", DefaultValueFactory = static _ => 20 };
    private static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Go on with requests as they come, until interrupted." };

    public static Command Create()
    {
        var command = new Command("tail", "Lists the latest requests, oldest first.") { Count, Follow };
        QueryOptions.AddTo(command);
        command.SetAction(static async (parsed, cancel) =>
        {
            var query = QueryOptions.Read(parsed);
            var reader = new AuditReader(AuditCommand.DirectoryOf(parsed)); // the end of the files is reached at once
            using var output = new Output();
            var last = Write(output, reader.Read(query).Take(Math.Max(0, parsed.GetValue(Count))), null);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            using var interrupted = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, _ => stop.Cancel());
            while (parsed.GetValue(Follow) && !stop.IsCancellationRequested)
            {
                await Task.Delay(Pause, stop.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                last = Write(output, reader.Walk(query).TakeWhile(v => last is null || v.Place > last).Where(query.Matches), last);
            }
        });
        return command;
    }

    /// <summary>Writes requests that come newest first the other way round.</summary>
    /// <returns>The place of the newest.</returns>
    private static LogPlace? Write(Output output, IEnumerable<AuditView> newest, LogPlace? last)
    {
        var found = newest.ToList();
        found.Reverse();
        foreach (var view in found)
            output.Line(EntryText.Line(view));
        output.Flush();
        return found.Count > 0 ? found[^1].Place : last;
    }
}
