using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Harden.Gateway.Tests.Differencing;

/// <summary>One line of a recording: a request as bytes, and what it needs of those before it.</summary>
internal sealed record RecordedRequest
{
    /// <summary>Unique in its recording; the report names it.</summary>
    public required string Id { get; init; }

    public string Method { get; init; } = "GET";

    /// <summary>The request target as it goes over the wire. <c>{name}</c> stands for a value that an earlier answer gave.</summary>
    public required string Target { get; init; }

    /// <summary>Name and value in the order they are sent. Host is sent first unless it is here.</summary>
    public string[][] Headers { get; init; } = [];

    /// <summary>Header values are sent as Latin-1 instead of UTF-8.</summary>
    public bool Latin1 { get; init; }

    /// <summary>The body as text (UTF-8).</summary>
    public string? Body { get; init; }

    /// <summary>The body as so many bytes of a fixed pattern.</summary>
    public int? Fill { get; init; }

    /// <summary>Sends the body chunked, in chunks of these sizes, the last one repeated; without it Content-Length is sent.</summary>
    public int[]? Chunks { get; init; }

    /// <summary>Trailers after a chunked body.</summary>
    public string[][] Trailers { get; init; } = [];

    /// <summary>Name of a cookie jar: sends what earlier answers have set in it, and keeps what this answer sets.</summary>
    public string? Jar { get; init; }

    /// <summary>Values for later targets and bodies: name and a pattern whose first group is looked for in the answer's head and body.</summary>
    public Dictionary<string, string> Save { get; init; } = [];

    /// <summary>For the zoo: the raw answer of the prototype. Without it, it answers with an empty 200.</summary>
    public string? Answer { get; init; }

    /// <summary>The zoo closes the connection after its answer, which thereby ends.</summary>
    public bool Close { get; init; }

    public byte[] Content => Fill is { } size ? Pattern(size) : Encoding.UTF8.GetBytes(Body ?? "");

    public bool HasContent => Fill is not null || Body is not null;

    private static byte[] Pattern(int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++)
            bytes[i] = (byte)(i * 31 + (i >> 8));
        return bytes;
    }
}

/// <summary>The requests recorded for one prototype.</summary>
internal static partial class Recording
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    public static RecordedRequest[] Load(string name)
    {
        var file = Path.Combine(Repository.Root, "tests", "Harden.Gateway.Tests", "Differencing", "Recordings", name + ".jsonl");
        var requests = File.ReadLines(file).Where(static line => line.Length > 0).Select(static line => JsonSerializer.Deserialize<RecordedRequest>(Expand(line), Json)!).ToArray();
        var twice = requests.GroupBy(static r => r.Id).FirstOrDefault(static g => g.Count() > 1);
        return twice is null ? requests : throw new InvalidDataException($"{name}.jsonl has two requests with the id \"{twice.Key}\".");
    }

    // «1000×ab» stands for ab a thousand times, so that large requests don't make large files.
    private static string Expand(string line) =>
        Repeated().Replace(line, static m => new StringBuilder().Insert(0, m.Groups[2].Value, int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).ToString());

    [GeneratedRegex("«([0-9]+)×([^»]*)»")]
    private static partial Regex Repeated();

    /// <summary>Sends all of them in order.</summary>
    public static async Task<RawAnswer[]> PlayAsync(RecordedRequest[] requests, Uri address, string? cookie = null)
    {
        var answers = new RawAnswer[requests.Length];
        var saved = new Dictionary<string, string>();
        var jars = new Dictionary<string, Dictionary<string, string>>();
        for (var i = 0; i < requests.Length; i++)
        {
            var jar = requests[i].Jar is { } name ? jars.TryGetValue(name, out var known) ? known : jars[name] = [] : [];
            var cookies = string.Join("; ", jar.Select(static c => $"{c.Key}={c.Value}").Concat(cookie is null ? [] : [cookie]));
            try
            {
                answers[i] = await RawHttp.SendAsync(address, requests[i], saved, cookies);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or System.Net.Sockets.SocketException or InvalidDataException)
            {
                answers[i] = RawAnswer.Failed(e);
            }
            Keep(requests[i], answers[i], saved, jar);
        }
        return answers;
    }

    private static void Keep(RecordedRequest request, RawAnswer answer, Dictionary<string, string> saved, Dictionary<string, string> jar)
    {
        foreach (var (name, pattern) in request.Save)
        {
            var text = string.Join('\n', answer.Headers.Select(static h => $"{h.Name}: {h.Value}")) + "\n\n" + Encoding.UTF8.GetString(answer.Body);
            saved[name] = Regex.Match(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(1)) is { Success: true } match ? match.Groups[1].Value : $"no-{name}";
        }
        foreach (var cookie in answer.Values("set-cookie").Select(static c => c.Split(';')[0].Split('=', 2)).Where(static c => c.Length == 2))
        {
            if (cookie[1].Length == 0)
                jar.Remove(cookie[0]);
            else
                jar[cookie[0]] = cookie[1];
        }
    }
}
