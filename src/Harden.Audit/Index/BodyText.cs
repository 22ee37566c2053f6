using System.Text;
using Harden.Audit.Bodies;

namespace Harden.Audit.Index;

/// <summary>The kept bodies of an entry as text to be found by. They were redacted before they were kept.</summary>
internal sealed class BodyText(BodyReader bodies)
{
    /// <summary>Both bodies, as far as they can be opened.</summary>
    public string Of(ReadOnlyMemory<byte> line)
    {
        if (AuditEntry.TryParse(line.Span) is not { } entry)
            return "";
        var request = bodies.Open(entry, BodySide.Request).Bytes;
        var response = bodies.Open(entry, BodySide.Response).Bytes;
        return $"{Text(request)}\n{Text(response)}";
    }

    private static string Text(byte[]? bytes) => bytes is null ? "" : Encoding.UTF8.GetString(bytes);
}
