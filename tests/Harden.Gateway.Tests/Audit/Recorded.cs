using Harden.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Audit;

/// <summary>What a gateway has on record.</summary>
internal static class Recorded
{
    public static AuditReader Reader(this GatewayUnderTest gateway) => gateway.Services.GetRequiredService<AuditReader>();

    /// <summary>Waits for the record of a request whose path it is.</summary>
    public static Task<AuditView> RecordOf(this GatewayUnderTest gateway, string path, AuditState state = AuditState.Complete) =>
        Until(() => gateway.Reader().Read(new() { Text = path }).FirstOrDefault(v => v.State == state), $"a record of {path}, {state}");

    /// <summary>Waits until something is there.</summary>
    public static async Task<T> Until<T>(Func<T?> find, string what)
        where T : class
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            if (find() is { } found)
                return found;
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"Never happened: {what}.");
            await Task.Delay(10);
        }
    }

    /// <summary>Every byte of the log, as text.</summary>
    public static string AllText(string directory) =>
        string.Join('\n', Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(static f => Path.GetFileName(f) is not ("writer.lock" or "reserve")).Select(Read));

    /// <summary>A file that the gateway is writing.</summary>
    public static string Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return new StreamReader(file, System.Text.Encoding.Latin1).ReadToEnd();
    }
}
