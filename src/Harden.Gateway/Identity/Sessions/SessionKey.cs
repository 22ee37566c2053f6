using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>
/// What a handle opens. The <see cref="Id"/> names the session and is no secret: nobody gets from it to the handle. The
/// <see cref="Secret"/> seals what is stored, so that a store gives its sessions away only to somebody who holds the handle.
/// </summary>
internal sealed class SessionKey
{
    private SessionKey(UInt128 number, byte[] secret)
    {
        Number = number;
        Secret = secret;
        Id = Text(number);
    }

    /// <summary>The session's name: 32 lower-case hexadecimal digits, the first half of the handle's SHA-256.</summary>
    public string Id { get; }

    /// <summary>The same as a number.</summary>
    public UInt128 Number { get; }

    /// <summary>32 bytes that only the handle leads to.</summary>
    public byte[] Secret { get; }

    /// <summary>The key of a handle.</summary>
    public static SessionKey Of(string handle)
    {
        Span<byte> text = stackalloc byte[SessionCookie.HandleLength];
        Encoding.ASCII.GetBytes(handle, text);
        return new(NumberOf(handle), HMACSHA256.HashData(text, "harden session seal"u8));
    }

    /// <summary>The name of a handle's session, without the cost of its secret.</summary>
    public static UInt128 NumberOf(string handle)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> text = stackalloc byte[SessionCookie.HandleLength];
        Encoding.ASCII.GetBytes(handle, text);
        SHA256.HashData(text, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>A name as a number; null if it is no name.</summary>
    public static UInt128? Parse(string? id) =>
        id is { Length: 32 } && UInt128.TryParse(id, System.Globalization.NumberStyles.AllowHexSpecifier, null, out var number) && Text(number) == id ? number : null;

    /// <summary>A number as a name.</summary>
    public static string Text(UInt128 number) => number.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
