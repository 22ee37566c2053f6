using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Harden.Gateway.Proxy.Identity;

/// <summary>A key that signs assertions: ECDSA P-256, named by its thumbprint (RFC 7638).</summary>
internal sealed class AssertionKey
{
    private readonly ECDsa key;

    public AssertionKey(ECDsa key, DateTimeOffset created)
    {
        this.key = key;
        Created = created;
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var (x, y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        Id = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""")));
        Jwk = $$"""{"kty":"EC","crv":"P-256","x":"{{x}}","y":"{{y}}","kid":"{{Id}}","use":"sig","alg":"ES256"}""";
        EncodedHeader = Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"alg":"ES256","typ":"JWT","kid":"{{Id}}"}"""));
    }

    /// <summary>Key id.</summary>
    public string Id { get; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>The public key as JSON (RFC 7517).</summary>
    public string Jwk { get; }

    /// <summary>The header of the assertions it signs.</summary>
    public string EncodedHeader { get; }

    /// <summary>Signs; one at a time, because the platform's key objects promise nothing about threads.</summary>
    public byte[] Sign(byte[] data)
    {
        lock (key)
            return key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>Reads a key from PEM; null if that is none.</summary>
    public static AssertionKey? TryRead(string pem, DateTimeOffset created)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key.KeySize == 256 ? new(key, created) : null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return null;
        }
    }

    /// <summary>The private key in PEM.</summary>
    public string Pem() => key.ExportPkcs8PrivateKeyPem();
}
