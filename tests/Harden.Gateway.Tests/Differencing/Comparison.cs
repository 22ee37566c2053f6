using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Harden.Gateway.Tests.Differencing;

/// <summary>One thing that is not the same with and without Harden.</summary>
/// <param name="Request">Recording and id.</param>
/// <param name="Part">What differs: <c>status</c>, <c>header:etag</c>, <c>body</c>, <c>trailer:x</c>; with <c>sent-</c> before it, what reached the prototype.</param>
/// <param name="Straight">Without Harden.</param>
/// <param name="Through">With Harden.</param>
internal sealed record Difference(string Request, string Part, string Straight, string Through);

/// <summary>
/// Compares an answer through Harden with the straight one. What two straight runs disagree on varies by itself (clocks, ids, signatures) and
/// is held to its shape only. Names of fields are compared without letter case (RFC 9110 section 5.1), their values and the
/// order of repeated ones exactly.
/// </summary>
internal sealed partial class Comparison(string request)
{
    private readonly List<Difference> found = [];

    /// <summary>Recording and id.</summary>
    public string Request => request;

    /// <summary>Parts that vary by themselves.</summary>
    public List<string> Varying { get; } = [];

    public IReadOnlyList<Difference> Found => found;

    public Comparison Answers(RawAnswer first, RawAnswer second, RawAnswer through)
    {
        Text("status", first.Status, second.Status, through.Status);
        Text("reason", first.Reason, second.Reason, through.Reason);
        Text("interim", Interim(first), Interim(second), Interim(through));
        var bodyVaries = !first.Body.AsSpan().SequenceEqual(second.Body);
        Body("body", first.Body, second.Body, through.Body);
        // A body that varies by itself varies in length, too: then the length must be that of its body.
        Fields("header:", first.Headers, second.Headers, bodyVaries && through.Body.Length > 0 ? WithLength(through, first) : through.Headers);
        Fields("trailer:", first.Trailers, second.Trailers, through.Trailers);
        return this;
    }

    public Comparison Requests(Received? first, Received? second, Received? through)
    {
        if (first is null || second is null || through is null)
        {
            Text("sent-request", first is not null, second is not null, through is not null);
            return this;
        }
        Text("sent-line", first.Line, second.Line, through.Line);
        Fields("sent-header:", first.Headers, second.Headers, through.Headers);
        Body("sent-body", first.Body, second.Body, through.Body);
        Fields("sent-trailer:", first.Trailers, second.Trailers, through.Trailers);
        return this;
    }

    private void Text<T>(string part, T first, T second, T through)
    {
        static string Written(T value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        One(part, Written(first), Written(second), Written(through));
    }

    private void One(string part, string first, string second, string through)
    {
        if (first != second)
        {
            Varying.Add(part);
            if (Shape(first) == Shape(through) || Shape(second) == Shape(through))
                return;
        }
        if (first != through)
            found.Add(new(request, part, Shorten(first), Shorten(through)));
    }

    private void Fields(string kind, IReadOnlyList<Field> first, IReadOnlyList<Field> second, IReadOnlyList<Field> through)
    {
        foreach (var name in first.Concat(second).Concat(through).Select(static f => f.Name.ToLowerInvariant()).Distinct())
            One(kind + name, Values(first, name), Values(second, name), Values(through, name));
    }

    private void Body(string part, byte[] first, byte[] second, byte[] through)
    {
        if (first.AsSpan().SequenceEqual(second))
        {
            if (!first.AsSpan().SequenceEqual(through))
                found.Add(new(request, part, Describe(first), Describe(through)));
            return;
        }
        Varying.Add(part);
        if (!SameButFor(Tokens(first), Tokens(second), Tokens(through)))
            found.Add(new(request, part, Describe(first), Describe(through)));
    }

    private static bool SameButFor(string[] first, string[] second, string[] through)
    {
        if (first.Length != second.Length || first.Length != through.Length)
            return false;
        for (var i = 0; i < first.Length; i++)
        {
            if (first[i] == second[i] && first[i] != through[i])
                return false;
        }
        return true;
    }

    private static IReadOnlyList<Field> WithLength(RawAnswer through, RawAnswer first) =>
        [.. through.Headers.Select(h => h.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && h.Value == through.Body.Length.ToString(CultureInfo.InvariantCulture)
            ? h with { Value = first.Values("content-length").FirstOrDefault() ?? h.Value } : h)];

    private static string Interim(RawAnswer answer) => string.Join(' ', answer.Interim.Select(static i => i.Status));

    private static string Values(IReadOnlyList<Field> fields, string name) =>
        string.Join(" ⏎ ", fields.Where(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(static f => $"\"{f.Value}\"").DefaultIfEmpty("absent"));

    private static string Shape(string text) => Word().Replace(text, "x");

    private static string[] Tokens(byte[] body) => [.. Token().Matches(Encoding.Latin1.GetString(body)).Select(static m => m.Value)];

    private static string Describe(byte[] body) => $"{body.Length} bytes: {Shorten(Encoding.Latin1.GetString(body))}";

    private static string Shorten(string text) => text.Length <= 160 ? text : text[..160] + "…";

    [GeneratedRegex("[A-Za-z0-9%+/=._~-]+")]
    private static partial Regex Word();

    [GeneratedRegex("[A-Za-z0-9%+/=._~-]+|[^A-Za-z0-9%+/=._~-]", RegexOptions.Singleline)]
    private static partial Regex Token();
}
