using System.Net;
using System.Net.Sockets;

namespace Harden.AppHost.Tests;

/// <summary>What is in the way is said in a sentence, the exit code is not zero, and nothing is left running.</summary>
public sealed class ProblemTests
{
    [Fact]
    public async Task PortInUse_SaysWhoNeedsIt()
    {
        using var prototype = new PrototypeFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (code, output) = await HostUnderTest.FailAsync([prototype.Path, "--console-port", $"{port}"]);

        Assert.Equal(1, code);
        Assert.Equal($"Port {port} is in use, and Harden's console needs it. Stop what uses it, or choose another port: --console-port PORT, or Console:Listen in harden.json.", output);
    }

    [Fact]
    public async Task RuntimeMissing_SaysWhatToInstall()
    {
        using var prototype = new PrototypeFolder();

        var (code, output) = await HostUnderTest.FailAsync([prototype.Path], ("PATH", "/nowhere"));

        Assert.Equal(1, code);
        Assert.Equal("\"npm\" was not found on PATH, and the prototype is started with \"npm start\". Install Node.js: https://nodejs.org, or the package nodejs of your system.", output);
    }

    [Fact]
    public async Task UnknownExample_NamesThoseThereAre()
    {
        var (code, output) = await HostUnderTest.FailAsync(["--example", "no-such"]);

        Assert.Equal(1, code);
        Assert.StartsWith("There is no example \"no-such\". The examples are: ", output);
        Assert.Contains("onboarding-tracker", output);
    }

    [Fact]
    public async Task FolderWithoutHardenJson_IsNamed()
    {
        var (code, output) = await HostUnderTest.FailAsync(["/nowhere"]);

        Assert.Equal(1, code);
        Assert.Equal("There is no harden.json in /nowhere. Give the path of a folder that has one, or --example NAME, or nothing for onboarding-tracker.", output);
    }

    [Fact]
    public async Task BadJson_NamesTheLine()
    {
        using var prototype = new PrototypeFolder();
        prototype.Write("harden.json", "{\n  \"Prototype\": {\n}");

        var (code, output) = await HostUnderTest.FailAsync([prototype.Path]);

        Assert.Equal(78, code);
        Assert.StartsWith("harden.json:3: configuration: is not valid JSON", output);
    }

    [Fact]
    public async Task BadConfiguration_NamesEveryProblem()
    {
        using var prototype = new PrototypeFolder("""{ "Command": "npm start", "Nmae": "x" }""");

        var (code, output) = await HostUnderTest.FailAsync([prototype.Path]);

        Assert.Equal(78, code);
        Assert.Equal(
            """
            harden.json:1: Prototype:Command = "npm start": is a single value where a list is expected: put it in [ ].
            harden.json:1: Prototype:Nmae: is not a known key. Did you mean Name?
            """, output);
    }

    [Fact]
    public async Task PrototypeThatEndsAtOnce_IsQuoted()
    {
        using var prototype = new PrototypeFolder(server: "console.error('no database'); process.exit(3)");

        var (code, output) = await HostUnderTest.FailAsync([prototype.Path]);

        Assert.Equal(1, code);
        Assert.Contains("The prototype (npm start) ended with exit code 3 before it listened on port", output);
        Assert.Contains("    no database", output);
    }

    [Fact]
    public async Task PackagesNotInstalled_SaysSo()
    {
        using var prototype = new PrototypeFolder(server: "require('express')");
        prototype.Write("package.json", """{ "name": "app", "scripts": { "start": "node server.js" }, "dependencies": { "express": "5" } }""");

        var (code, output) = await HostUnderTest.FailAsync([prototype.Path]);

        Assert.Equal(1, code);
        Assert.Contains($"Its packages are not installed: run \"npm install\" in {prototype.Path}, then try again.", output);
    }

    [Fact]
    public async Task PrototypeThatIgnoresPort_IsToldWhereItListensAndWhatToDo()
    {
        using var prototype = new PrototypeFolder("""{ "Command": ["npm", "start"], "StartTimeout": "00:00:12" }""",
            "const s = require('http').createServer().listen(0, 'localhost', () => console.log(`open http://localhost:${s.address().port}`))");

        var (code, output) = await HostUnderTest.FailAsync([prototype.Path]);

        Assert.Equal(1, code);
        Assert.Matches(@"The prototype \(npm start\) did not listen on port (\d+), which it was given as PORT, within 12 s\. It listens on port (\d+), not on \1\.", output);
        Assert.Contains("harden run -- vite --port {port}", output);
        Assert.Contains("Prototype:Address in harden.json", output);
    }
}
