using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Harden.DevEntra;

/// <summary>The RS256 keys. The newest signs; the one before it stays published, as in Entra, so that tokens under way remain valid.</summary>
internal sealed class SigningKeys(TimeProvider time) : IDisposable
{
    private readonly record struct Key(string Id, RSA Rsa, string Certificate);

    private Key[] keys = [Create(time)];

    /// <summary>Signs with a new key from now on.</summary>
    /// <param name="forget">True to publish only the new one: what was signed before is no longer valid.</param>
    public void Rotate(bool forget) => keys = forget ? [Create(time)] : [Create(time), keys[0]];

    /// <summary>The JSON Web Key Set.</summary>
    /// <param name="issuer">Whose tokens the keys may sign, as Entra says with each; empty to leave it out.</param>
    public JsonObject Published(string issuer) => new()
    {
        ["keys"] = new JsonArray([.. keys.Select(JsonNode (key) =>
        {
            var p = key.Rsa.ExportParameters(includePrivateParameters: false);
            var published = new JsonObject
            {
                ["kty"] = "RSA", ["use"] = "sig", ["kid"] = key.Id, ["x5t"] = key.Id, ["n"] = Base64Url.EncodeToString(p.Modulus), ["e"] = Base64Url.EncodeToString(p.Exponent),
                ["x5c"] = new JsonArray(key.Certificate), ["cloud_instance_name"] = "microsoftonline.com",
            };
            if (issuer.Length > 0)
                published["issuer"] = issuer;
            return published;
        })]),
    };

    /// <summary>A signed JSON Web Token.</summary>
    /// <param name="payload">Its claims.</param>
    /// <param name="fault">What is wrong with the signature, in a word of <see cref="FaultSet.Tokens"/>.</param>
    public string Sign(JsonObject payload, string fault = "")
    {
        var key = keys[0];
        var header = new JsonObject { ["typ"] = "JWT", ["alg"] = "RS256", ["kid"] = fault == "unknown-kid" ? "unknown-" + key.Id : key.Id };
        var body = $"{Encode(header)}.{Encode(payload)}";
        var signature = key.Rsa.SignData(Encoding.ASCII.GetBytes(body), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        if (fault == "bad-signature")
            signature[signature.Length / 2] ^= 1;
        return $"{body}.{Base64Url.EncodeToString(signature)}";
    }

    public void Dispose()
    {
        foreach (var key in keys)
            key.Rsa.Dispose();
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static Key Create(TimeProvider time)
    {
        var rsa = RSA.Create(2048);
        var now = time.GetUtcNow();
        using var certificate = new CertificateRequest("CN=DevEntra", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-1), now.AddYears(5));
        return new(Base64Url.EncodeToString(certificate.GetCertHash()), rsa, Convert.ToBase64String(certificate.RawData));
    }
}
