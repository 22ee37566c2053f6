using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harden.Audit.Retention;

/// <summary>A legal hold: while one is in force retention deletes nothing.</summary>
internal sealed record Hold
{
    /// <summary>Its name, such as a case number.</summary>
    public string Name { get; set; } = "";

    /// <summary>Why.</summary>
    public string Reason { get; set; } = "";

    /// <summary>The account that put it on.</summary>
    public string By { get; set; } = "";

    /// <summary>When.</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>How it ended; null while it is in force.</summary>
    public HoldRelease? Released { get; set; }
}

/// <summary>The end of a hold.</summary>
internal sealed record HoldRelease(string Reason = "", string By = "", DateTimeOffset At = default);

/// <summary>The holds of a log: <c>holds.json</c> in its directory. Whoever may write there puts them on; the gateway puts each change on record.</summary>
internal static class HoldFile
{
    private const string Name = "holds.json";
    private const int Longest = 1000;

    /// <summary>Every hold there ever was, oldest first.</summary>
    /// <exception cref="AuditLogException">The file says nothing that can be understood.</exception>
    public static List<Hold> Read(string directory) => Parse(ReadBytes(directory));

    /// <summary>The file's content; empty if there is none.</summary>
    public static byte[] ReadBytes(string directory)
    {
        var path = Path.Combine(directory, Name);
        return File.Exists(path) ? File.ReadAllBytes(path) : [];
    }

    /// <summary>The holds in a file's content.</summary>
    /// <exception cref="AuditLogException">It says nothing that can be understood.</exception>
    public static List<Hold> Parse(byte[] content)
    {
        try
        {
            var holds = content.Length == 0 ? [] : JsonSerializer.Deserialize(content, HoldJson.Default.ListHold) ?? [];
            return holds.TrueForAll(IsWhole) ? holds : throw new AuditLogException($"{Name} has a hold without name, reason or account, or one with more than {Longest} characters of them. Mend it, or put the holds on again with harden audit hold add.");
        }
        catch (JsonException e)
        {
            throw new AuditLogException($"{Name} is not a list of holds: {e.Message} Mend it, or put the holds on again with harden audit hold add.", e);
        }
    }

    /// <summary>Puts a hold on.</summary>
    /// <exception cref="AuditLogException">One of that name is in force.</exception>
    public static void Add(string directory, Hold hold)
    {
        var holds = Read(directory);
        if (holds.Exists(h => h.Name == hold.Name && h.Released is null))
            throw new AuditLogException($"A hold named \"{hold.Name}\" is in force already. Choose another name, or release it first.");
        Write(directory, IsWhole(hold) ? [.. holds, hold] : throw new AuditLogException($"A hold has a name and a reason of up to {Longest} characters each."));
    }

    /// <summary>Ends a hold.</summary>
    /// <exception cref="AuditLogException">None of that name is in force.</exception>
    public static void Release(string directory, string name, HoldRelease release)
    {
        var holds = Read(directory);
        var hold = holds.Find(h => h.Name == name && h.Released is null) ?? throw new AuditLogException($"No hold named \"{name}\" is in force. See harden audit hold list.");
        hold.Released = Fits(release.Reason) ? release : throw new AuditLogException($"A release has a reason of up to {Longest} characters.");
        Write(directory, holds);
    }

    // Anybody who may write there may have written anything, and each hold becomes an entry of the log.
    private static bool IsWhole(Hold? hold) => hold is { Name.Length: > 0 } && Fits(hold.Name) && Fits(hold.Reason) && Fits(hold.By)
        && (hold.Released is not { } released || (Fits(released.Reason) && Fits(released.By)));

    private static bool Fits(string? text) => text is { Length: <= Longest };

    private static void Write(string directory, List<Hold> holds)
    {
        Disk.WriteDurably(Path.Combine(directory, Name), JsonSerializer.Serialize(holds, HoldJson.Default.ListHold)); // who is told of it relies on it
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(List<Hold>))]
internal sealed partial class HoldJson : JsonSerializerContext;
