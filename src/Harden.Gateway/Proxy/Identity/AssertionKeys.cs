using System.Globalization;
using System.Security.Cryptography;

namespace Harden.Gateway.Proxy.Identity;

/// <summary>
/// The keys of this gateway, each a file in the state directory that only its owner can read. A new key is shown for a while before it
/// signs, and an old one for a while after, so that a prototype that keeps what it read of the key set is never surprised.
/// </summary>
internal sealed partial class AssertionKeys(StateDirectory state, ILogger<AssertionKeys> log)
{
    /// <summary>How long a key is only shown, before it signs and after it did.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private AssertionKey[] keys = []; // newest first
    private AssertionKey? current;
    private TimeSpan lifetimeThen;
    private DateTimeOffset next = DateTimeOffset.MinValue;

    /// <summary>The key that signs now.</summary>
    public AssertionKey Current(TimeSpan lifetime, DateTimeOffset now)
    {
        lock (gate)
        {
            Turn(lifetime, now);
            return current!;
        }
    }

    /// <summary>All keys whose signatures may still be about.</summary>
    public AssertionKey[] All(TimeSpan lifetime, DateTimeOffset now)
    {
        lock (gate)
        {
            Turn(lifetime, now);
            return keys;
        }
    }

    private void Turn(TimeSpan lifetime, DateTimeOffset now)
    {
        if (now < next && lifetime == lifetimeThen)
            return;
        lifetimeThen = lifetime;
        if (keys.Length == 0)
            keys = Load();
        if (keys.Length == 0 || now - keys[0].Created >= lifetime)
            keys = [Create(now), .. keys];
        // The newest that has been shown for long enough; at the very first start there is nothing older to go on with.
        var signing = Array.FindIndex(keys, key => now - key.Created >= Notice);
        if (signing < 0)
            signing = keys.Length - 1;
        current = keys[signing];
        var kept = signing + 1 < keys.Length && now - current.Created < Notice * 2 ? signing + 2 : signing + 1;
        foreach (var old in keys.Skip(kept))
            File.Delete(PathOf(old));
        keys = keys[..kept];
        next = new[] { keys[0].Created + lifetime, keys[0].Created + Notice, current.Created + (Notice * 2), now + lifetime }.Where(at => at > now).Min();
    }

    private AssertionKey[] Load() =>
        [.. Directory.EnumerateFiles(state.Of("assertion-keys"), "*.pem").Select(Read).OfType<AssertionKey>().OrderByDescending(static key => key.Created)];

    private AssertionKey? Read(string file)
    {
        if (long.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var created)
            && AssertionKey.TryRead(File.ReadAllText(file), DateTimeOffset.FromUnixTimeSeconds(created)) is { } key)
            return key;
        Log.Unreadable(log, file);
        return null;
    }

    private AssertionKey Create(DateTimeOffset now)
    {
        var key = new AssertionKey(ECDsa.Create(ECCurve.NamedCurves.nistP256), DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()));
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new StreamWriter(PathOf(key), options);
        file.WriteLine(key.Pem());
        Log.Created(log, key.Id);
        return key;
    }

    private string PathOf(AssertionKey key) => Path.Combine(state.Of("assertion-keys"), $"{key.Created.ToUnixTimeSeconds()}.pem");

    private static partial class Log
    {
        [LoggerMessage(7030, LogLevel.Information, "A new key for assertions was made: \"{Id}\".")]
        public static partial void Created(ILogger log, string id);

        [LoggerMessage(7031, LogLevel.Warning, "\"{File}\" is not a key for assertions and is left alone. Delete it if it should not be there.")]
        public static partial void Unreadable(ILogger log, string file);
    }
}
