using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Harden.Gateway.Configuration;
using Harden.Gateway.Console.Pages;
using Microsoft.AspNetCore.Hosting.Server;

namespace Harden.Gateway.Console;

/// <summary>
/// Lets the <c>harden</c> command of this machine talk to the running gateway: a file in the state directory, readable by its owner only,
/// says where the management listener is and holds a key that is made anew at each start. Whoever can read that file can read the
/// record's files as well, so the key gives nothing away.
/// </summary>
internal sealed partial class LocalAdministrator(
    StateDirectory state, IServer server, Live<ConsoleOptions> live, IHostApplicationLifetime lifetime, ILogger<LocalAdministrator> log) : IHostedService
{
    /// <summary>The file's name.</summary>
    public const string FileName = "management.json";

    /// <summary>Header by which the command names the account it runs as; only as true as that account. Not X-Harden-…: those the edge takes away.</summary>
    public const string AccountHeader = "Harden-Account";

    private readonly string key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Tell);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        File.Delete(PathOf()); // a gateway that was killed leaves it behind: the command then says that nobody answers
        return Task.CompletedTask;
    }

    /// <summary>Who asks, if they hold the key; else null.</summary>
    public Subject? Recognise(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ } sent] || !sent.StartsWith("Bearer ", StringComparison.Ordinal)
            || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(sent[7..]), Encoding.ASCII.GetBytes(key)))
            return null;
        var account = request.Headers[AccountHeader] is [{ Length: > 0 and <= 64 } name] && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') ? name : "unknown";
        return new() { Tenant = "local", ObjectId = account, Name = $"{account} on this machine", Roles = [ConsoleOptions.AdminRole], Scheme = "local" };
    }

    private void Tell()
    {
        if (Listeners.Of(server, live.Current).Console is not [{ } address, ..])
            return;
        try
        {
            Write(address);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Unwritable(log, PathOf(), e.Message);
        }
    }

    private void Write(string address)
    {
        var file = PathOf();
        var fresh = $"{file}.new";
        File.Delete(fresh); // the mode below is given only to a file that is created
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(fresh, options))
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("address"u8, Reachable(address));
            json.WriteString("key"u8, key);
            json.WriteEndObject();
        }
        File.Move(fresh, file, overwrite: true);
    }

    private string PathOf() => Path.Combine(state.Of("run"), FileName);

    // A listener on every address says [::] or 0.0.0.0, which is nowhere to connect to.
    private static string Reachable(string address) =>
        BindingAddress.Parse(address) is { Host: "[::]" or "0.0.0.0" or "*" or "+" } any ? $"{any.Scheme}://localhost:{any.Port}" : address;

    private static partial class Log
    {
        [LoggerMessage(8010, LogLevel.Warning, "\"{File}\" could not be written, so the harden command of this machine can't reach this gateway: {Reason}")]
        public static partial void Unwritable(ILogger log, string file, string reason);
    }
}
