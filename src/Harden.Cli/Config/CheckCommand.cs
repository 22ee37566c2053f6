using System.CommandLine;
using Harden.Cli.Run;

namespace Harden.Cli.Config;

/// <summary><c>harden config check</c>.</summary>
internal static class CheckCommand
{
    private static readonly Argument<string?> Target = new("path")
    {
        Description = "A harden.json, or the folder it is in. Default: ./harden.json.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command("check", "Checks a harden.json and names everything wrong with it at once. Exit code 0 if it is good, 78 if not.") { Target };
        command.SetAction((parsed, cancel) => CheckAsync(parsed.GetValue(Target), parsed.InvocationConfiguration.Output, cancel));
        return command;
    }

    private static async Task<int> CheckAsync(string? path, TextWriter output, CancellationToken cancel)
    {
        var settings = Settings.Read(path ?? "harden.json");
        var request = new RunRequest();
        var gateway = GatewayPlan.Make(request, settings, IdentityPlan.Make(request, settings), RedisPlan.Make(settings));
        await (settings.Has("Prototype:Command") ? gateway.Before(null) : gateway).CheckAsync(cancel);
        await output.WriteLineAsync($"{settings.File} is good.");
        return 0;
    }
}
