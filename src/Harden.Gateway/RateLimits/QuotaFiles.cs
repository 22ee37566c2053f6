using System.Globalization;
using System.Text.Json;
using Harden.Gateway.RateLimits.Counting;

namespace Harden.Gateway.RateLimits;

/// <summary>
/// What was used of daily quotas, in the state directory, so that a restart doesn't hand them out anew. One file a policy: the day, then a line
/// for each owner. Written every ten seconds and when the gateway stops; a crash forgets what was used since.
/// </summary>
internal sealed partial class QuotaFiles(StateDirectory state, ILogger<QuotaFiles> log)
{
    private const string Folder = "limits";

    /// <summary>Reads back what was used today; nothing if that was on another day, or can't be read.</summary>
    public void Restore(string policy, QuotaLimiter limiter)
    {
        var file = PathOf(policy);
        try
        {
            if (!File.Exists(file))
                return;
            var lines = File.ReadLines(file).GetEnumerator();
            if (!lines.MoveNext() || !long.TryParse(lines.Current, CultureInfo.InvariantCulture, out var day) || day != limiter.Today)
                return;
            while (lines.MoveNext())
            {
                using var line = JsonDocument.Parse(lines.Current);
                var root = line.RootElement;
                limiter.Restore(new(root[1].GetString(), root[2].GetUInt64(), root[3].GetString(), root[4].GetString()), day, root[0].GetInt64());
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            Log.Unreadable(log, policy, file, e.Message);
        }
    }

    /// <summary>Writes what was used today.</summary>
    public void Save(string policy, QuotaLimiter limiter)
    {
        var file = PathOf(policy);
        try
        {
            using (var stream = File.Create(file + ".new"))
            {
                stream.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{limiter.Today}\n")));
                using var json = new Utf8JsonWriter(stream);
                foreach (var (key, used) in limiter.UsedToday())
                {
                    json.WriteStartArray();
                    json.WriteNumberValue(used);
                    json.WriteStringValue(key.Who);
                    json.WriteNumberValue(key.Network);
                    json.WriteStringValue(key.Route);
                    json.WriteStringValue(key.Header);
                    json.WriteEndArray();
                    json.Flush();
                    json.Reset();
                    stream.WriteByte((byte)'\n');
                }
            }
            File.Move(file + ".new", file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Unwritable(log, policy, file, e.Message);
        }
    }

    private string PathOf(string policy) => Path.Combine(state.Of(Folder), $"quota-{policy}.jsonl");

    private static partial class Log
    {
        [LoggerMessage(4003, LogLevel.Warning, "What was used of the quota \"{Policy}\" before the restart can't be read from \"{File}\", so it begins anew: {Reason}")]
        public static partial void Unreadable(ILogger log, string policy, string file, string reason);

        [LoggerMessage(4004, LogLevel.Warning, "What is used of the quota \"{Policy}\" can't be written to \"{File}\", so a restart would begin it anew: {Reason}")]
        public static partial void Unwritable(ILogger log, string policy, string file, string reason);
    }
}
