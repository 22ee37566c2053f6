using System.Net;

namespace Harden.Cli.Tests.Supervise;

/// <summary>A supervisor that is killed alone can't end its program: the host does, before it starts the program anew.</summary>
public sealed class KilledSupervisorTests : IDisposable
{
    // Says who it is, and has a child that left its parent's group and session.
    private const string Server = """
        const detached = require('child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
        require('http').createServer((request, response) => response.end(`${process.pid} ${detached.pid}`)).listen(process.env.PORT, 'localhost');
        """;

    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    private readonly Family family = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("harden-supervised-");
    private readonly int[] ports = [FreePorts.One(), FreePorts.One(), FreePorts.One()];

    [Fact]
    public async Task ItsProgramEnds_AndOneIsStartedAnew()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "server.js"), Server);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "harden.json"), """{ "Prototype": { "Command": ["node", "server.js"] }, "Access": { "Default": "Anonymous" } }""");
        await using var host = HardenProcess.Start("harden.dll", new Dictionary<string, string>([family.Variable]),
            "run", "--config", folder.FullName, "--port", $"{ports[0]}", "--console-port", $"{ports[1]}", "--entra-port", $"{ports[2]}");
        var first = await AnswerAsync(static _ => true);

        await KillSupervisorOfAsync("Harden.Gateway.dll");
        Assert.Equal(first, await AnswerAsync(static _ => true)); // by another gateway, and the same prototype

        await KillSupervisorOfAsync("server.js");
        var second = await AnswerAsync(answer => answer != first);
        Assert.Empty(first.Split(' ').Select(int.Parse).Intersect(family.Living()));

        host.Signal("TERM");
        Assert.Equal(0, (await host.EndAsync()).Code);
        Assert.Empty(family.Living());
        Assert.NotEqual(first, second);
    }

    public void Dispose()
    {
        family.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task KillSupervisorOfAsync(string program)
    {
        var before = family.Find(program);
        var supervisor = Assert.Single(family.Find(program, "supervise"));
        Family.Kill(supervisor);
        await UntilAsync(() => Task.FromResult(!before.Intersect(family.Living()).Any()), $"the end of {program}");
    }

    private async Task<string> AnswerAsync(Func<string, bool> fits)
    {
        var text = "";
        await UntilAsync(async () =>
        {
            try
            {
                using var answer = await Http.GetAsync($"http://localhost:{ports[0]}/");
                text = await answer.Content.ReadAsStringAsync();
                return answer.StatusCode == HttpStatusCode.OK && fits(text);
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "an answer");
        return text;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!await holds())
        {
            Assert.False(limit.IsCancellationRequested, $"Never came: {what}.");
            await Task.Delay(50);
        }
    }
}
