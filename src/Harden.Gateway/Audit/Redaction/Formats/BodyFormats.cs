namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>Which format writes what may be kept.</summary>
internal static class BodyFormats
{
    /// <summary>Writes what may be kept of a body. Returns false if it is not what its content type says.</summary>
    public static bool Write(this BodyFormat format, BodyWork work, ReadOnlySpan<byte> body, MediaType type) => format switch
    {
        _ when body.IsEmpty => true,
        BodyFormat.Json => JsonBody.TryWrite(body, work.Truncated, work),
        BodyFormat.JsonLines => LinesBody.WriteJson(body, work),
        BodyFormat.Events => LinesBody.WriteEvents(body, work),
        BodyFormat.Form => FormBody.Write(body, work),
        BodyFormat.Multipart => MultipartBody.TryWrite(body, type.Boundary, work),
        BodyFormat.Text => TextBody.Write(body, work.Truncated, "", work),
        _ => false,
    };
}
