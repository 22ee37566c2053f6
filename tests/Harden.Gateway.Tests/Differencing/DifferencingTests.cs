using System.Text;
using Harden.Gateway.Tests.Identity;
using Harden.Gateway.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Harden.Gateway.Tests.Differencing;

/// <summary>
/// Every recorded request goes straight to a fresh prototype twice, to learn what varies by itself, and through Harden once
/// for nobody and once for somebody signed in. What differs
/// must be on the <see cref="Justified"/> list.
/// </summary>
public sealed class DifferencingTests(ITestOutputHelper output)
{
    // The gateway adds no rule of its own to the comparison but what every request meets, and records all there is, bodies included.
    private static readonly string[] Settings = ["RateLimits:Defaults=false", "Audit:Rules:0:Level=RequestResponse", "Audit:Rules:0:Bodies:JsonPointers:0=/**"];

    private static readonly string[] Examples = ["onboarding-tracker", "express-forms", "socketio-chat", "llm-chat", "flask-uploads", "vite-page"];

    [Fact]
    public async Task EveryRecordedRequest_IsAnsweredAsWithoutHarden()
    {
        await using var entra = await EntraUnderTest.StartEntraAsync();
        string[] signedIn = ["Access:Default=SignedIn", $"AzureAd:Instance={entra.Urls.First()}/", $"AzureAd:TenantId={EntraUnderTest.Tenant}", $"AzureAd:ClientId={EntraUnderTest.ClientId}", "AzureAd:ClientSecret=of the tests"];
        var examples = new List<Comparison>[Examples.Length];
        await Parallel.ForAsync(0, Examples.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (i, _) => examples[i] = await ExampleAsync(Examples[i], signedIn));
        List<Comparison> all =
        [
            .. examples.SelectMany(static c => c),
            .. await ZooAsync("zoo"),
            .. await ZooAsync("zoo", signedIn),
            .. await ZooAsync("zoo-ambiguous", "Edge:Allow:0=EncodedSlash", "Edge:Allow:1=PathParameters", "Edge:Allow:2=TrailingDots"),
        ];
        var differences = all.SelectMany(static c => c.Found).ToLookup(static d => Array.Find(Justified.All, j => j.Fits(d)));
        var report = Report(all, differences);
        output.WriteLine(report);
        Assert.True(!differences[null].Any(), report);
        Assert.Empty(Justified.All.Where(j => !differences[j].Any()).Select(static j => $"Nothing needs the justification \"{j.Name}\" any more: remove it."));
    }

    private static string Report(List<Comparison> all, ILookup<Justified?, Difference> differences)
    {
        var report = new StringBuilder();
        foreach (var recording in all.GroupBy(static c => c.Request.Split('/')[0]))
        {
            var varying = recording.SelectMany(static c => c.Varying).GroupBy(static v => v).Select(static v => $"{v.Key} {v.Count()}×");
            report.AppendLine($"{recording.Key}: {recording.Count()} requests; varies by itself: {string.Join(", ", varying.DefaultIfEmpty("nothing"))}");
        }
        report.AppendLine($"\n{all.Count} comparisons, {differences.Sum(static d => d.Count())} differences, {differences[null].Count()} of them not justified.\n\nJustified:");
        foreach (var justified in Justified.All)
            report.AppendLine($"- {justified.Name} ({differences[justified].Count()}): {justified.Reason}");
        foreach (var difference in differences[null])
            report.AppendLine($"NOT JUSTIFIED {difference.Request} {difference.Part}\n    straight: {difference.Straight}\n    through:  {difference.Through}");
        return report.ToString();
    }

    private static async Task<List<Comparison>> ExampleAsync(string name, string[] signedIn)
    {
        var recording = Recording.Load(name);
        var first = await OnFreshAsync(name, address => Recording.PlayAsync(recording, address));
        await NextSecondAsync();
        var second = await OnFreshAsync(name, address => Recording.PlayAsync(recording, address));
        await NextSecondAsync();
        var through = await OnFreshAsync(name, address => ThroughAsync(recording, address));
        var throughAsSomebody = await OnFreshAsync(name, address => ThroughAsync(recording, address, signedIn));
        return
        [
            .. recording.Select((request, i) => new Comparison($"{name}/{request.Id}").Answers(first[i], second[i], through[i])),
            .. recording.Select((request, i) => new Comparison($"{name} (signed in)/{request.Id}").Answers(first[i], second[i], throughAsSomebody[i])),
        ];
    }

    private static async Task<List<Comparison>> ZooAsync(string name, params string[] settings)
    {
        var recording = Recording.Load(name);
        Assert.All(recording, static request => Assert.Contains(request.Headers, h => h[0] == "X-Zoo" && h[1] == request.Id));
        await using var zoo = Zoo.Open(recording);
        var first = await Recording.PlayAsync(recording, zoo.Address);
        var reached = zoo.TakeReceived();
        var second = await Recording.PlayAsync(recording, zoo.Address);
        var reachedAgain = zoo.TakeReceived();
        var through = await ThroughAsync(recording, zoo.Address, settings);
        var reachedThrough = zoo.TakeReceived();
        return [.. recording.Select((request, i) => new Comparison($"{name}{(settings.Contains("Access:Default=SignedIn") ? " (signed in)" : "")}/{request.Id}")
            .Answers(first[i], second[i], through[i])
            .Requests(reached.GetValueOrDefault(request.Id), reachedAgain.GetValueOrDefault(request.Id), reachedThrough.GetValueOrDefault(request.Id)))];
    }

    private static async Task<RawAnswer[]> ThroughAsync(RecordedRequest[] recording, Uri prototype, params string[] settings)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(prototype, [.. Settings, .. settings]);
        if (!settings.Any(static s => s.StartsWith("AzureAd:", StringComparison.Ordinal)))
            return await Recording.PlayAsync(recording, gateway.Address);
        using var browser = new TestBrowser(gateway.Address);
        using var me = await browser.SignInAsync("admin", "/.harden/signin?returnUrl=/.harden/me");
        Assert.True(me.IsSuccessStatusCode, await me.Content.ReadAsStringAsync());
        return await Recording.PlayAsync(recording, gateway.Address, $"__Host-harden={browser.Cookies["__Host-harden"].Value}");
    }

    private static async Task<RawAnswer[]> OnFreshAsync(string name, Func<Uri, Task<RawAnswer[]>> run)
    {
        var state = Directory.CreateTempSubdirectory("harden-differencing-");
        try
        {
            var customers = Path.Combine(state.FullName, "customers.json");
            File.Copy(Path.Combine(Repository.Root, "tests", "Harden.Gateway.Tests", "Differencing", "Recordings", "customers.json"), customers);
            await using var example = await ExampleProcess.StartAsync(name, null, ("TRACKER_DATA", customers), ("UPLOADS", state.FullName), ("TOKEN_DELAY_MS", "2"), ("PYTHONHASHSEED", "0"));
            return await run(example.Address);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    // HTTP dates count seconds: a run that begins in a later one than the last ended in differs from it in every date, so that all are learned.
    private static async Task NextSecondAsync()
    {
        var second = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        while (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() == second)
            await Task.Delay(20);
    }
}
