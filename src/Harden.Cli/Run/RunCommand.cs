using System.CommandLine;
using System.Runtime.InteropServices;
using Harden.Cli.Children;

namespace Harden.Cli.Run;

/// <summary><c>harden run</c>.</summary>
internal static class RunCommand
{
    private static readonly Argument<string[]> Words = new("command")
    {
        Description = "The command that starts the prototype, after \"--\". {port} in it stands for the port it is to listen on, which it also gets as PORT.\n"
            + "  harden run                                  as ./harden.json says\n"
            + "  harden run -- npm start                     any command that listens on PORT\n"
            + "  harden run -- vite --port {port}            one that takes its port otherwise\n"
            + "  harden run --address http://localhost:3000  one that already runs",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> Config = new("--config") { Description = "A harden.json, or the folder it is in. Default: ./harden.json, if there is one.", HelpName = "PATH" };
    private static readonly Option<Uri?> Address = new("--address") { Description = "Where a prototype that already runs listens, such as http://localhost:3000.", HelpName = "URL", CustomParser = ParseAddress };
    /// <summary>The ports of what people open in a browser, which the AppHost's command line has too.</summary>
    internal static readonly Option<int?> Port = PortOption("--port", "Port of the app. Default 8080; 0 takes a free one."),
        ConsolePort = PortOption("--console-port", "Port of Harden's console. Default 8081."),
        EntraPort = PortOption("--entra-port", "Port of DevEntra, the local sign-in. Default 8082.");

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command("run", "Runs a prototype behind Harden: sign-in, access rules, limits, audit.")
        {
            Words, Config, Address, Port, ConsolePort, EntraPort,
        };
        command.SetAction((parsed, _) => RunAsync(RequestOf(parsed)));
        return command;
    }

    /// <summary>Reads the command line.</summary>
    internal static RunRequest RequestOf(ParseResult parsed) => new()
    {
        Config = parsed.GetValue(Config),
        Command = parsed.GetValue(Words) ?? [],
        Address = parsed.GetValue(Address),
        Port = parsed.GetValue(Port),
        ConsolePort = parsed.GetValue(ConsolePort),
        EntraPort = parsed.GetValue(EntraPort),
    };

    private static async Task<int> RunAsync(RunRequest request)
    {
        using var stop = new CancellationTokenSource();
        using var kill = new CancellationTokenSource();
        // The first asks for an orderly end, a second one has no patience.
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            (stop.IsCancellationRequested ? kill : stop).Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, OnSignal);
        await new BuiltInHost(LogOutput.ToConsole(), TimeProvider.System).RunAsync(request, stop.Token, kill.Token);
        return 0;
    }

    internal static Option<int?> PortOption(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "PORT" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !ushort.TryParse(token.Value, out _))
                result.AddError($"{name} is \"{token.Value}\", which is not a port. Give a number from 0 to 65535.");
        });
        return option;
    }

    private static Uri? ParseAddress(System.CommandLine.Parsing.ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            return address;
        result.AddError($"--address is \"{result.Tokens[0].Value}\", which is not the address of an app. Give one such as http://localhost:3000.");
        return null;
    }
}
