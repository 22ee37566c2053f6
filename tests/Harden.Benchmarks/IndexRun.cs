using System.Diagnostics;
using System.Globalization;
using Harden.Audit;
using Harden.Audit.Index;

namespace Harden.Benchmarks;

/// <summary>How fast the index of a large log is made, how large it is, and how long searches take with it and without.</summary>
internal static class IndexRun
{
    private const int Page = 50;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        long entries = arguments.Number("entries", 300_000);
        var kept = arguments.All("directory") is [.., var named] ? named : null;
        var root = kept ?? Directory.CreateTempSubdirectory("harden-index-benchmark-").FullName;
        try
        {
            var log = Path.Combine(root, "audit");
            var watch = Stopwatch.StartNew();
            var made = GeneratedLog.Write(log, entries);
            Say($"{made.Entries:N0} entries, {made.Bytes / 1e6:N0} MB, generated in {watch.Elapsed.TotalSeconds:N1} s");
            var file = Build(root, log, made);
            await SearchAsync("index", new IndexedRecords(new(log, file), new Always(), new ScannedRecords(new(log))), made, 9);
            if (arguments.List("scan", "yes") is ["yes"])
                await SearchAsync("files", new ScannedRecords(new(log)), made, 1);
            return 0;
        }
        finally
        {
            if (kept is null)
                Directory.Delete(root, recursive: true);
        }
    }

    private static string Build(string root, string log, GeneratedLog made)
    {
        var file = IndexFile.PathOf(Directory.CreateDirectory(Path.Combine(root, IndexFile.DirectoryName)).FullName);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        long most = 0;
        using (var writer = new IndexWriter(log, IndexFile.OpenOrCreate(file, new string('a', 32), bodies: false)))
            writer.CatchUp(() => most = Math.Max(most, Process.GetCurrentProcess().WorkingSet64), default);
        var took = watch.Elapsed.TotalSeconds;
        var used = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
        var size = new FileInfo(file).Length;
        Say($"index: {made.Entries / took:N0} entries/s, {used * 1e6 / made.Entries:N1} CPU µs an entry, {took:N1} s; {size / 1e6:N0} MB, {100.0 * size / made.Bytes:N0} % of the log; at most {most / 1e6:N0} MB resident");
        return file;
    }

    private static async Task SearchAsync(string by, IAuditRecords records, GeneratedLog made, int rounds)
    {
        (string Name, AuditQuery Query)[] searches =
        [
            ("newest page", new()),
            ("newest page, own left out", new() { HideOwn = true }),
            ("by user", new() { User = "00000e10-0000-4000-8000-0000000000aa" }),
            ("by name", new() { User = "person3600" }),
            ("by trace", new() { Id = made.SomeTrace }),
            ("text, rare", new() { Text = "quetzalcoatl" }),
            ("text, common", new() { Text = "orders" }),
            ("text, one letter", new() { Text = "p" }),
            ("text, two words", new() { Text = "orders person77" }),
            ("text, nothing", new() { Text = "xylophone" }),
            ("path from its start", new() { Path = "/invoices/47" }),
            ("status 500", new() { Status = 500 }),
            ("denied by a rule", new() { Action = "deny", Rule = "search" }),
            ("open", new() { State = QueryState.Open }),
            ("a minute in the middle", new() { From = Middle(made), To = Middle(made).AddMinutes(1) }),
        ];
        foreach (var (name, query) in searches)
        {
            List<double> times = [];
            var found = 0;
            for (var i = 0; i < rounds; i++)
            {
                var began = Stopwatch.GetTimestamp();
                found = (await records.SearchAsync(query, null, Page, default)).Found.Count;
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            times.Sort();
            Say($"{by}, {name}: {found} found, median {times[times.Count / 2]:N1} ms, most {times[^1]:N1} ms");
        }
        var counted = Stopwatch.GetTimestamp();
        var count = await records.CountAsync(new() { StatusClass = 4 }, 10_000, default);
        Say($"{by}, count to 10,000: {count.Count:N0} in {Stopwatch.GetElapsedTime(counted).TotalMilliseconds:N0} ms");
    }

    private static DateTimeOffset Middle(GeneratedLog made) => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMilliseconds(made.Entries / 4 * 20);

    private static void Say(FormattableString text) => System.Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>An index that is never behind.</summary>
    private sealed class Always : IAuditIndex
    {
        public string Remark => "";

        public Task<bool> IsCurrentAsync(CancellationToken cancel) => Task.FromResult(true);

        public void Distrust(Exception why) => throw new InvalidOperationException(why.Message, why);
    }
}
