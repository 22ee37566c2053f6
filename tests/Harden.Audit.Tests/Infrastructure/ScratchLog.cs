using System.Text;
using Harden.Audit.Bodies;

namespace Harden.Audit.Tests.Infrastructure;

/// <summary>A log in a directory of its own, gone with the test.</summary>
internal sealed class ScratchLog : IDisposable
{
    private readonly DirectoryInfo directory;

    public ScratchLog(string? below = null) =>
        directory = below is null ? Directory.CreateTempSubdirectory("harden-audit-") : Directory.CreateDirectory(System.IO.Path.Combine(below, "audit"));

    public string Path => directory.FullName;

    public AuditLogOptions Options { get; init; } = new() { Tick = TimeSpan.FromMilliseconds(50), ReserveBytes = 64 * 1024 };

    /// <summary>What the log thinks the time is.</summary>
    public SettableClock Clock { get; } = new();

    public AuditLog Open(AuditLogObserver? observer = null) => AuditLog.Open(Path, Options, Clock, observer);

    /// <summary>An intent of a request.</summary>
    public static PendingEntry Draft(AuditLog log, string id, string stage = "intent", string path = "/", int padding = 0, DateTimeOffset time = default)
    {
        var entry = log.Rent();
        var json = entry.Json;
        json.WriteStartObject();
        json.WriteString("stage", stage);
        json.WriteString("requestId", id);
        json.WriteString("time", time);
        json.WriteStartObject("http");
        json.WriteString("path", path);
        json.WriteString("query", new string('q', padding));
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return entry;
    }

    /// <summary>A completion with bodies.</summary>
    public static PendingEntry DraftWithBodies(AuditLog log, BodyVault vault, string id, string request, string? response) =>
        DraftWithBodies(log, vault, id, Encoding.UTF8.GetBytes(request), response is null ? null : Encoding.UTF8.GetBytes(response));

    /// <summary>A completion with bodies.</summary>
    public static PendingEntry DraftWithBodies(AuditLog log, BodyVault vault, string id, byte[] request, byte[]? response = null, DateTimeOffset time = default)
    {
        var entry = log.Rent();
        var json = entry.Json;
        json.WriteStartObject();
        json.WriteString("stage"u8, "completion"u8);
        json.WriteString("requestId"u8, id);
        json.WriteString("time"u8, time);
        json.WriteStartObject("body"u8);
        Write("request"u8, BodySide.Request, request);
        if (response is not null)
            Write("response"u8, BodySide.Response, response);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return entry;

        void Write(ReadOnlySpan<byte> name, BodySide side, byte[] body)
        {
            json.WriteStartObject(name);
            json.WriteNumber("bytes"u8, body.Length);
            entry.Attach(vault.TrySeal(id, side, body) ?? throw new InvalidOperationException("no room"));
            json.WriteString("end"u8, "complete"u8);
            json.WriteEndObject();
        }
    }

    /// <summary>Every line on disk, in the order of writing.</summary>
    public List<string> Lines() => [.. Files().SelectMany(f => Encoding.ASCII.GetString(ReadShared(f)).Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    public List<AuditEntry> Entries() => [.. Lines().Select(static l => AuditEntry.TryParse(Encoding.ASCII.GetBytes(l)) ?? throw new InvalidDataException(l))];

    public List<string> Files() => [.. SegmentFile.In(Path).Select(f => System.IO.Path.Combine(Path, f.Name))];

    /// <summary>Waits until something holds.</summary>
    public static async Task Until(Func<bool> holds, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!holds())
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"Never happened: {what}.");
            await Task.Delay(10);
        }
    }

    public void Dispose() => directory.Delete(recursive: true);

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
