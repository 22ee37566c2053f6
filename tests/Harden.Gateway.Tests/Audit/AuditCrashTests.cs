using System.Collections.Concurrent;
using System.Globalization;
using Harden.Audit;
using Harden.Audit.Index;
using Harden.Audit.Bodies;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Xunit.Abstractions;

namespace Harden.Gateway.Tests.Audit;

public sealed class AuditCrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Lanes = 2, RoundsEach = 10; // a gateway of one lane starts while the other's is under load

    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("harden-test-");

    [Fact]
    public async Task KilledUnderLoad_EveryRequestThePrototypeSawHasAnIntent()
    {
        var lanes = await Task.WhenAll(Enumerable.Range(1, Lanes).Select(lane => Task.Run(() => new Lane(Path.Combine(state.FullName, $"{lane}")).RunAsync(RoundsEach))));

        output.WriteLine("seen by the prototype  entries on disk  without an intent  bytes torn off  exit code of verify");
        foreach (var line in lanes.SelectMany(static l => l.Lines))
            output.WriteLine(line);
        output.WriteLine($"{Lanes * RoundsEach} kills, {lanes.Sum(static l => l.Seen)} requests seen, {lanes.Sum(static l => l.Recorded)} on record, {lanes.Sum(static l => l.Interrupted)} of them interrupted");
        Assert.All(lanes, static l => Assert.True(l.Seen > RoundsEach * 100 && l.Interrupted > 0));
    }

    [Fact]
    public async Task SecondGatewayOnTheSameDirectory_IsRefused()
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        using var first = await GatewayProcess.StartAsync($"--StateDirectory={state.FullName}", $"--Prototype:Address={prototype.Address}", "--Access:Default=Anonymous");

        var (code, _, error) = await GatewayProcess.RunToEndAsync($"--StateDirectory={state.FullName}", $"--Prototype:Address={prototype.Address}", "--Access:Default=Anonymous", "--Edge:Listen:0=http://127.0.0.1:0", "--Console:Listen:0=http://127.0.0.1:0");

        Assert.Equal(78, code);
        Assert.Contains("is being written by another process. Stop that gateway, or give this one a StateDirectory of its own.", error, StringComparison.Ordinal);
        using var client = new HttpClient { BaseAddress = first.Address };
        Assert.Equal("ok", await client.GetStringAsync("/"));
    }

    public void Dispose() => state.Delete(recursive: true);

    /// <summary>One state directory, whose gateway is killed again and again.</summary>
    private sealed class Lane(string directory)
    {
        private readonly ConcurrentDictionary<string, bool> seen = new();
        private readonly string log = Path.Combine(directory, "audit");
        private int number;

        public List<string> Lines { get; } = [];

        public int Seen => seen.Count;

        public int Recorded { get; private set; }

        public int Interrupted { get; private set; }

        public async Task<Lane> RunAsync(int rounds)
        {
            await using var prototype = await TestPrototype.StartAsync(context =>
            {
                seen[context.Request.Path.Value!] = true;
                return context.Response.WriteAsync("ok");
            });
            long entries = 0;
            for (var round = 1; round <= rounds; round++)
            {
                var before = seen.Count;
                await LoadAndKillAsync(prototype.Address, before + 100);

                var (findings, count) = Verify();
                var recorded = Views().Select(static v => v.Entry.Http!.Path).ToHashSet();
                var missing = seen.Keys.Count(path => !recorded.Contains(path));
                var torn = Directory.GetFiles(log, $"{round - 1:D6}-*.torn*").Sum(static f => new FileInfo(f).Length);
                Lines.Add(string.Create(CultureInfo.InvariantCulture, $"{seen.Count - before,21}  {count - entries,15}  {missing,17}  {torn,14}  {AuditVerifier.ExitCode(findings),19}"));
                entries = count;
                Assert.Equal(0, missing);
                Assert.All(findings, f => Assert.Equal((Verdict.Unverifiable, round), (f.Verdict, int.Parse(f.File.AsSpan(0, 6), CultureInfo.InvariantCulture)))); // this boot's last moments, and nothing else
            }

            using (AuditLog.Open(log, new() { SigningKey = Path.Combine(directory, "audit-key", "checkpoint.pem") }))
                await Audit.Recorded.Until(() => Verify().Findings.Count == 0 ? "" : null, "a log that verifies once the last crash is signed for");
            var views = Views();
            (Recorded, Interrupted) = (views.Length, views.Count(static v => v.State == AuditState.Interrupted));
            Assert.DoesNotContain(views, static v => v.State == AuditState.Open);
            return this;
        }

        private async Task LoadAndKillAsync(Uri prototype, int enough)
        {
            using var gateway = await GatewayProcess.StartAsync($"--StateDirectory={directory}", $"--Prototype:Address={prototype}", "--Access:Default=Anonymous");
            using var client = new HttpClient { BaseAddress = gateway.Address, Timeout = TimeSpan.FromMinutes(2) };
            var load = Enumerable.Range(0, 32).Select(async _ =>
            {
                while (true)
                {
                    try
                    {
                        using var answer = await client.GetAsync($"/n/{Interlocked.Increment(ref number)}");
                    }
                    catch (HttpRequestException)
                    {
                        return; // killed
                    }
                }
            }).ToArray();
            await Audit.Recorded.Until(() => seen.Count > enough ? "" : null, "requests at the prototype");
            await gateway.KillAsync();
            await Task.WhenAll(load);
        }

        private (IReadOnlyList<Finding> Findings, long Entries) Verify()
        {
            using var key = CheckpointKey.TryOpenPublic(Path.Combine(log, CheckpointKey.PublicName));
            var verifier = new AuditVerifier(log, key, BodyKeys.Open(Path.Combine(directory, "audit-key", "bodies.key")));
            return (verifier.Run(), verifier.Entries);
        }

        private AuditView[] Views() => [.. new AuditReader(log).Read()];
    }

    // The index was being written when each gateway was killed.
    private static async Task IndexAgreesAsync(string state, AuditView[] views)
    {
        List<string> noticed = [];
        var log = Path.Combine(state, "audit");
        var file = IndexFile.PathOf(Path.Combine(state, IndexFile.DirectoryName));
        Assert.True(File.Exists(file));
        using var index = AuditIndex.Start(new() { Log = log, File = file, Noticed = noticed.Add, Patience = TimeSpan.FromSeconds(60) });
        var page = await new IndexedRecords(new(log, file), index, new ScannedRecords(new("/nonexistent"))).SearchAsync(new(), null, views.Length + 1, default);

        Assert.Equal(views.Select(static v => (v.Entry.RequestId, v.State)), page.Found.Select(static v => (v.Entry.RequestId, v.State)));
        Assert.Empty(noticed);
    }
}
