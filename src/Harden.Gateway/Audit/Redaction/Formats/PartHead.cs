using System.Buffers;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>What the headers of a part say.</summary>
internal sealed class PartHead
{
    private static readonly SearchValues<char> TypeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.+-");

    public PartHead(string head)
    {
        Name = ContentType = "";
        Format = BodyFormat.Text;
        var isEncoded = false;
        foreach (var line in head.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon < 0)
                continue;
            var field = line[..colon].Trim();
            var value = line[(colon + 1)..].Trim();
            if (field.Equals("Content-Disposition", StringComparison.OrdinalIgnoreCase))
            {
                Name = HeaderText.Decode(MediaType.Parameter(value, "name").ToString());
                if (MediaType.Has(value, "filename") || MediaType.Has(value, "filename*"))
                    FileName = HeaderText.Decode((MediaType.Has(value, "filename") ? MediaType.Parameter(value, "filename") : MediaType.Parameter(value, "filename*")).ToString());
            }
            else if (field.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                var type = MediaType.Parse(value);
                var semicolon = value.IndexOf(';');
                var essence = (semicolon < 0 ? value : value[..semicolon]).Trim();
                ContentType = essence.Length <= 64 && SecretShape.Of(essence) is null && !essence.ContainsAnyExcept(TypeCharacters) ? essence.ToString() : BodyWork.Mark;
                var isUtf8 = type.Charset.IsEmpty || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || type.Charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase);
                Format = isUtf8 && type.Format is BodyFormat.Json or BodyFormat.Text ? type.Format : BodyFormat.None;
            }
            else if (field.Equals("Content-Transfer-Encoding", StringComparison.OrdinalIgnoreCase) && value is not ("7bit" or "8bit" or "binary"))
            {
                isEncoded = true;
            }
        }
        if (isEncoded)
            Format = BodyFormat.None;
    }

    public string Name { get; }

    public string? FileName { get; }

    public string ContentType { get; }

    public BodyFormat Format { get; }
}
