using System.Text;
using System.Text.Unicode;

namespace Harden.Gateway.Audit.Redaction;

/// <summary>
/// Turns a header value into text. Kestrel hands each byte over as one character; what is valid UTF-8 is read as such, because that is
/// what people write today, the rest stays Latin-1 as HTTP once meant it.
/// </summary>
internal static class HeaderText
{
    public static string Decode(string value)
    {
        if (Ascii.IsValid(value))
            return value;
        var bytes = new byte[value.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (value[i] > 0xff)
                return value; // set by Harden itself, not read from a connection
            bytes[i] = (byte)value[i];
        }
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : value;
    }
}
