using System.Text;

namespace Harden.Cli.Audit.Export;

/// <summary>A kept body as text, or in base64 if it is none.</summary>
internal static class BodyText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static (string Text, bool Base64) Of(byte[] bytes)
    {
        try
        {
            return (Strict.GetString(bytes), false);
        }
        catch (DecoderFallbackException)
        {
            return (Convert.ToBase64String(bytes), true);
        }
    }
}
