using System.Buffers;
using System.Text;
using Harden.Gateway.Audit.Redaction;

namespace Harden.Gateway.Tests.Audit.Redaction;

/// <summary>Redacts one body and tells what came of it.</summary>
internal static class Bodies
{
    private static readonly BodyRedactor Plain = new((Pseudonyms?)null);

    public static BodyRules Everything { get; } = new(new BodyOptions { JsonPointers = ["/**"] });

    public static BodyRules Nothing { get; } = new();

    public static BodyRules Keep(params string[] pointers) => new(new BodyOptions { JsonPointers = pointers });

    public static Redacted Redact(string body, string contentType, BodyRules rules, bool truncated = false, string encoding = "", BodyRedactor? redactor = null) =>
        Redact(Encoding.UTF8.GetBytes(body), contentType, rules, truncated, encoding, redactor);

    public static Redacted Redact(byte[] body, string contentType, BodyRules rules, bool truncated = false, string encoding = "", BodyRedactor? redactor = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var found = new Redactions();
        var reason = (redactor ?? Plain).Redact(new(body), truncated, contentType, encoding, rules, "/body/request", found, output);
        if (reason is not null)
            Assert.Equal(0, output.WrittenCount);
        return new(reason, Encoding.UTF8.GetString(output.WrittenSpan), [.. found.Found]);
    }

    internal sealed record Redacted(string? NotKept, string Text, List<(string Pointer, string Rule)> Found);
}
