using System.Text.Json;
using Harden.Audit;
using Harden.Audit.Bodies;

namespace Harden.Cli.Audit.Export;

/// <summary>Requests as entries of the log, intent and completion joined, one a line.</summary>
internal sealed class JsonLinesFormat(Output output, BodyReader? bodies) : IExportFormat
{
    public void Begin()
    {
    }

    public void Write(AuditView view)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(view.Entry, AuditJson.Default.AuditEntry);
        output.Write(line.AsSpan(0, line.Length - 1));
        if (bodies is not null)
        {
            Member("requestBody", bodies.Open(view.Entry, BodySide.Request));
            Member("responseBody", bodies.Open(view.Entry, BodySide.Response));
        }
        output.Write("}\n"u8);
    }

    public void End()
    {
    }

    // A body that should be there and is not must not look like one that never was.
    private void Member(string name, OpenedBody body)
    {
        if (body.Bytes is { } bytes)
            output.Write($",\"{name}\":{Json(BodyText.Of(bytes).Text)}");
        else if (body.Fault != BodyFault.NotKept)
            output.Write($",\"{name}Fault\":{Json(body.Text)}");
    }

    private static string Json(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
