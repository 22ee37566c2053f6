using Harden.Cli.Children;
using Harden.Gateway;
using Microsoft.Extensions.Configuration;

namespace Harden.Cli.Run;

/// <summary>How the prototype is started and where it will listen.</summary>
/// <param name="Name">Its short name.</param>
/// <param name="Address">Where the gateway forwards to.</param>
/// <param name="Start">How it is started; null if it already runs.</param>
/// <param name="Shown">The command as a person would type it.</param>
/// <param name="PortVariable">The variable that told it its port; null if the address was given and is not ours to choose.</param>
/// <param name="StartTimeout">How long it may take until it listens.</param>
internal sealed record PrototypePlan(string Name, Uri Address, ChildSpec? Start, string Shown, string? PortVariable, TimeSpan StartTimeout)
{
    /// <summary>The port it needs if that is fixed; null if a free one was chosen or it already runs.</summary>
    public Listener? Listener => Start is null || PortVariable is not null ? null
        : new($"the prototype ({Shown})", new("http", Address.Host, Address.Port), false, "Prototype:Address in harden.json, or --address");

    /// <summary>The problem of a prototype that runs but never listens where it is expected.</summary>
    /// <param name="elsewhere">Where it listens instead, as a sentence; empty if that is not known.</param>
    /// <param name="lastLines">What it wrote last.</param>
    public HostProblem NeverListened(string elsewhere, string lastLines)
    {
        var other = elsewhere.Length > 0 ? elsewhere + " " : "";
        var told = PortVariable is null ? "" : $", which it was given as {PortVariable},";
        return new($"The prototype ({Shown}) did not listen on port {Address.Port}{told} within {StartTimeout.TotalSeconds:0} s. {other}"
            + "If it doesn't read that variable, write {port} where its command takes the port (harden run -- vite --port {port}), or say where it listens: "
            + $"Prototype:Address in harden.json, such as http://localhost:3000. {lastLines}");
    }

    /// <summary>Decides from the command line and section <c>Prototype</c>.</summary>
    /// <exception cref="HostProblem">There is nothing to run, or it can't be started.</exception>
    public static PrototypePlan Make(RunRequest request, Settings settings)
    {
        var options = settings.Configuration.GetSection("Prototype").Get<PrototypeOptions>() ?? new();
        var name = settings.Has("Prototype:Name") ? options.Name : NameOf(settings.Directory);
        var words = request.Command.Length > 0 ? request.Command : request.Address is null ? options.Command : [];
        var address = request.Address ?? options.Address;
        if (words.Length == 0)
            return new(name, address ?? throw NothingToRun(settings), null, "", null, options.StartTimeout);

        var port = address?.Port ?? Listener.FreePort();
        // "localhost" and not 127.0.0.1: some dev servers listen on ::1 alone, and both are tried.
        var target = address ?? new Uri($"http://localhost:{port}");
        string[] command = [.. words.Select(word => PrototypeEnvironment.WithPort(word, port))];
        var directory = Path.GetFullPath(options.WorkingDirectory, settings.Directory);
        if (!Directory.Exists(directory))
            throw new HostProblem($"The prototype is to run in {directory}, which does not exist. Correct Prototype:WorkingDirectory in harden.json.");
        if (Executable.Missing(command, directory) is { } missing)
            throw new HostProblem(missing);
        var spec = new ChildSpec("app", [Executable.Find(command[0], directory)!, .. command[1..]], directory, EnvironmentOf(options, port))
        {
            Title = $"The prototype ({string.Join(' ', command)})",
            Aim = $"it listened on port {port}",
            Hint = Executable.PackagesMissing(directory),
        };
        return new(name, target, spec, string.Join(' ', command), address is null ? options.PortVariable : null, options.StartTimeout);
    }

    private static Dictionary<string, string?> EnvironmentOf(PrototypeOptions options, int port)
    {
        var environment = new Dictionary<string, string?>
        {
            // Build servers that `dotnet run` leaves behind would serve other builds too and be ended with the prototype.
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        };
        foreach (string name in System.Environment.GetEnvironmentVariables().Keys)
        {
            if (PrototypeEnvironment.IsHardenOnly(name))
                environment[name] = null;
        }
        foreach (var (name, value) in PrototypeEnvironment.Of(options, port))
            environment[name] = value;
        return environment;
    }

    private static string NameOf(string directory)
    {
        var name = new string([.. Path.GetFileName(directory).Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '-').Take(63)]).Trim('-', '.', '_');
        return name.Length > 0 ? name : "prototype";
    }

    private static HostProblem NothingToRun(Settings settings) => new(
        (settings.File is { } file ? $"{file} says neither how the prototype is started nor where it runs. " : $"There is no harden.json in {settings.Directory}, and no command. ")
        + "Give a command (harden run -- npm start), an address (harden run --address http://localhost:3000), or a harden.json with \"Prototype\": { \"Command\": [\"npm\", \"start\"] }.");
}
