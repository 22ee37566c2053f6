using System.Globalization;
using System.Text;

namespace Harden.Gateway.Tests.Differencing;

/// <summary>A header or trailer as it stands on the wire, each byte one character.</summary>
internal readonly record struct Field(string Name, string Value);

/// <summary>An answer as it stands on the wire, but for its framing.</summary>
internal sealed record RawAnswer
{
    public int Status { get; init; }

    public string Reason { get; init; } = "";

    public IReadOnlyList<Field> Headers { get; init; } = [];

    public byte[] Body { get; init; } = [];

    public IReadOnlyList<Field> Trailers { get; init; } = [];

    /// <summary>The 1xx answers before it.</summary>
    public IReadOnlyList<RawAnswer> Interim { get; init; } = [];

    public IEnumerable<string> Values(string name) => Headers.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(static h => h.Value);

    /// <summary>No answer came: that, too, must be the same on both ways.</summary>
    public static RawAnswer Failed(Exception e) => new() { Reason = $"no answer ({e.GetType().Name})" };
}

/// <summary>Reads lines, fields and bodies of HTTP/1.1 (RFC 9112) from a stream.</summary>
internal sealed class WireReader(Stream stream, CancellationToken cancel)
{
    private readonly byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;

    /// <summary>The next line without its end.</summary>
    public async Task<string> LineAsync()
    {
        var line = new List<byte>();
        while (true)
        {
            if (start == end && !await FillAsync())
                throw new IOException("The connection closed within a line.");
            var value = buffer[start++];
            if (value == '\n')
                break;
            line.Add(value);
        }
        if (line.Count > 0 && line[^1] == '\r')
            line.RemoveAt(line.Count - 1);
        return Encoding.Latin1.GetString([.. line]);
    }

    /// <summary>Fields up to an empty line.</summary>
    public async Task<List<Field>> FieldsAsync()
    {
        var fields = new List<Field>();
        for (var line = await LineAsync(); line.Length > 0; line = await LineAsync())
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            fields.Add(new(line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }
        return fields;
    }

    /// <summary>The body that the fields announce.</summary>
    public async Task<(byte[] Body, List<Field> Trailers)> BodyAsync(IReadOnlyList<Field> fields, bool untilClose)
    {
        using var body = new MemoryStream();
        if (fields.Any(static f => f.Name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)))
        {
            while (true)
            {
                var size = int.Parse((await LineAsync()).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                if (size == 0)
                    return (body.ToArray(), await FieldsAsync());
                await CopyAsync(body, size);
                await LineAsync();
            }
        }
        var length = fields.FirstOrDefault(static f => f.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Value;
        if (length is not null)
            await CopyAsync(body, int.Parse(length, CultureInfo.InvariantCulture));
        else if (untilClose)
            await CopyAsync(body, null);
        return (body.ToArray(), []);
    }

    private async Task CopyAsync(MemoryStream target, int? count)
    {
        while (count is null or > 0)
        {
            if (start == end && !await FillAsync())
            {
                if (count is null)
                    return;
                throw new IOException("The connection closed within a body.");
            }
            var take = Math.Min(end - start, count ?? int.MaxValue);
            target.Write(buffer, start, take);
            start += take;
            count -= take;
        }
    }

    private async Task<bool> FillAsync()
    {
        start = 0;
        end = await stream.ReadAsync(buffer, cancel);
        return end > 0;
    }
}
