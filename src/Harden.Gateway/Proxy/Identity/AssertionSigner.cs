using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Harden.Gateway.Proxy.Identity;

/// <summary>Writes assertions: JWTs (RFC 7519) signed with ES256 (RFC 7518 section 3.4).</summary>
internal sealed class AssertionSigner(AssertionKeys keys)
{
    /// <summary>How long an assertion is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    /// <summary>How long one may be sent again: the prototype always has the other half of its life to look at it.</summary>
    public static readonly TimeSpan Reuse = Lifetime / 2;

    /// <summary>An assertion about a subject.</summary>
    public string Sign(Subject subject, PrototypeOptions options, DateTimeOffset now)
    {
        var key = keys.Current(options.Identity.AssertionKeyLifetime, now);
        var signed = $"{key.EncodedHeader}.{Base64Url.EncodeToString(Claims(subject, options.Name, now))}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static byte[] Claims(Subject subject, string audience, DateTimeOffset now)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("iss"u8, "harden"u8);
            json.WriteString("aud"u8, audience);
            json.WriteNumber("iat"u8, now.ToUnixTimeSeconds());
            json.WriteNumber("exp"u8, (now + Lifetime).ToUnixTimeSeconds());
            json.WriteString("sub"u8, subject.Key);
            json.WriteString("tid"u8, subject.Tenant);
            json.WriteString("oid"u8, subject.ObjectId);
            if (subject.Name.Length > 0)
                json.WriteString("name"u8, subject.Name);
            if (subject.Email.Length > 0)
                json.WriteString("email"u8, subject.Email);
            json.WriteStartArray("roles"u8);
            foreach (var role in subject.Roles)
                json.WriteStringValue(role);
            json.WriteEndArray();
            json.WriteString("scheme"u8, subject.Scheme);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
