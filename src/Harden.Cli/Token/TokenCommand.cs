using System.CommandLine;
using System.Runtime.InteropServices;
using Harden.Cli.Run;

namespace Harden.Cli.Token;

/// <summary><c>harden token</c>: signs a person in and prints an access token for the app's API, to call it from a command line.</summary>
internal static class TokenCommand
{
    // 128 and the number of SIGINT, as shells have it.
    private const int Interrupted = 130;

    private static readonly Option<string?> Config = new("--config") { Description = "A harden.json, or the folder it is in. Default: ./harden.json, if there is one.", HelpName = "PATH" };
    private static readonly Option<bool> Device = new("--device") { Description = "Sign in at another device, by a code: for a machine without a browser." };
    private static readonly Option<bool> NoBrowser = new("--no-browser") { Description = "Only print the address to sign in at." };
    private static readonly Option<string?> Scope = new("--scope") { Description = "Scope to ask for. Default: everything this client may have of the app (CLIENT-ID/.default).", HelpName = "SCOPE" };
    private static readonly Option<string?> Client = new("--client-id") { Description = "Application id of a public client, if the app's own registration is not one. Default: AzureAd:ClientId.", HelpName = "ID" };
    private static readonly Option<int> Patience = new("--timeout") { Description = "How long to wait for the sign-in, in seconds.", HelpName = "SECONDS", DefaultValueFactory = static _ => 300 };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command("token", "Signs you in and prints an access token for the app: curl -H \"Authorization: Bearer $(harden token)\" …") { Config, Device, NoBrowser, Scope, Client, Patience };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed)
    {
        var request = TokenRequest.Of(Settings.Read(parsed.GetValue(Config)), parsed.GetValue(Client), parsed.GetValue(Scope));
        var seconds = parsed.GetValue(Patience);
        if (seconds is < 1 or > 3600)
            throw new HostProblem($"--timeout is {seconds}, and must be from 1 to 3600 seconds.");
        using var stop = new CancellationTokenSource();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, limit.Token);
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        try
        {
            // Standard output gets the token and nothing else, so that it can be used where it is needed.
            using var entra = await EntraClient.FindAsync(request, either.Token);
            var answer = parsed.GetValue(Device)
                ? await new DeviceFlow(entra, Console.Error, TimeProvider.System).RunAsync(either.Token)
                : await new LoopbackFlow(entra, Console.Error, openBrowser: !parsed.GetValue(NoBrowser)).RunAsync(either.Token);
            Console.Error.WriteLine($"Signed in. The token is good for {TimeSpan.FromSeconds(answer.ExpiresIn).TotalMinutes:0} minutes.");
            Console.Out.WriteLine(answer.AccessToken);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("Interrupted: nobody was signed in.");
            return Interrupted;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new HostProblem($"Nobody signed in within {seconds} seconds. Run the command again; --timeout gives more time.");
        }
    }
}
