using System.Diagnostics;
using Harden.Cli.Children;
using Harden.Gateway.Configuration;

namespace Harden.Cli.Run;

/// <summary>How the gateway is started: only what the configuration leaves open is handed to it.</summary>
internal sealed record GatewayPlan(Settings Settings, Listener App, Listener Console, ChildSpec Start, bool AnySignedIn)
{
    /// <summary>Decides from everything else.</summary>
    public static GatewayPlan Make(RunRequest request, Settings settings, IdentityPlan identity, RedisPlan redis)
    {
        var app = Listener.Choose(settings, "the app", "Edge:Listen", request.Port, "--port", 8080);
        var console = Listener.Choose(settings, "Harden's console", "Console:Listen", request.ConsolePort, "--console-port", 8081);
        var environment = Development(settings);
        foreach (var (name, value) in identity.GatewayEnvironment)
            environment[name] = value;
        if (app.IsGiven)
            environment["Edge__Listen__0"] = app.Setting;
        if (console.IsGiven)
            environment["Console__Listen__0"] = console.Setting;
        if (redis.Connection is not null)
            environment["ConnectionStrings__redis"] = redis.Connection;
        // A machine that compiles the prototype at the same time is slow, which is no news about the Redis that was started for this run.
        if (redis.Program is not null && !settings.Has("RateLimits:StoreTimeout"))
            environment["RateLimits__StoreTimeout"] = "00:00:00.500";
        environment["StateDirectory"] = settings.StateDirectory;
        // Without rules nobody may use the app, which is right for production and useless for a first look.
        var anySignedIn = settings.File is null && !settings.Has("Access");
        if (anySignedIn)
            environment["Access__Default"] = "SignedIn";
        string[] config = settings.File is { } file ? ["--config", file] : [];
        return new(settings, app, console, new("gateway", DotNet.Run("Harden.Gateway.dll", config), settings.Directory, environment), anySignedIn);
    }

    /// <summary>The environment of Harden's own programs in a run on a developer's machine.</summary>
    public static Dictionary<string, string?> Development(Settings settings)
    {
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = null,
            ["HARDEN_CONFIG"] = null,
        };
        if (!settings.Has("Logging:Console"))
        {
            environment["Logging__Console__FormatterName"] = "simple";
            environment["Logging__Console__FormatterOptions__SingleLine"] = "true";
        }
        if (!settings.Has("Logging:LogLevel"))
            environment["Logging__LogLevel__Microsoft"] = "Warning";
        return environment;
    }

    /// <summary>The same gateway in front of the given prototype.</summary>
    public GatewayPlan For(PrototypePlan prototype) => With(("Prototype__Address", prototype.Address.ToString()), ("Prototype__Name", prototype.Name));

    /// <summary>The same gateway as far as can be said before it is known where the prototype will listen: fit to be checked, not to be run.</summary>
    public GatewayPlan Before(Uri? prototype) =>
        prototype is null && Settings.Has("Prototype:Address") ? this : With(("Prototype__Address", (prototype ?? new("http://localhost:1")).ToString()));

    private GatewayPlan With(params (string Name, string Value)[] variables)
    {
        var environment = new Dictionary<string, string?>(Start.Environment);
        foreach (var (name, value) in variables)
            environment[name] = value;
        return this with { Start = Start with { Environment = environment } };
    }

    /// <summary>Has the gateway check its whole configuration; throws with every problem, a line each.</summary>
    public async Task CheckAsync(CancellationToken stop)
    {
        var start = new ProcessStartInfo(Start.Command[0], [.. Start.Command.Skip(1), "--check"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in Start.Environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(stop);
        var problems = await process.StandardError.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        if (process.ExitCode == 0)
            return;
        var text = (problems.Length > 0 ? problems : await output).TrimEnd();
        throw process.ExitCode == ConfigurationException.ExitCode ? new(text, process.ExitCode) : new HostProblem($"The gateway could not check its configuration (exit code {process.ExitCode}):\n{text}");
    }
}
