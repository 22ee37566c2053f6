using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Harden.DevEntra;

/// <summary>The RS256 keys. The newest signs; the one before it stays published, as in Entra, so that tokens under way remain valid.</summary>
internal sealed class SigningKeys : IDisposable
{
    private readonly record struct Key(string Id, RSA Rsa);

    private Key[] keys = [Create()];

    /// <summary>Signs with a new key from now on.</summary>
    /// <param name="forget">True to publish only the new one: what was signed before is no longer valid.</param>
    public void Rotate(bool forget) => keys = forget ? [Create()] : [Create(), keys[0]];

    /// <summary>The JSON Web Key Set.</summary>
    public JsonObject Published() => new()
    {
        ["keys"] = new JsonArray([.. keys.Select(static JsonNode (key) =>
        {
            var p = key.Rsa.ExportParameters(includePrivateParameters: false);
            return new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = key.Id, ["n"] = Base64Url.EncodeToString(p.Modulus), ["e"] = Base64Url.EncodeToString(p.Exponent) };
        })]),
    };

    /// <summary>A signed JSON Web Token.</summary>
    public string Sign(JsonObject payload)
    {
        var key = keys[0];
        var header = new JsonObject { ["typ"] = "JWT", ["alg"] = "RS256", ["kid"] = key.Id };
        var body = $"{Encode(header)}.{Encode(payload)}";
        return $"{body}.{Base64Url.EncodeToString(key.Rsa.SignData(Encoding.ASCII.GetBytes(body), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public void Dispose()
    {
        foreach (var key in keys)
            key.Rsa.Dispose();
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static Key Create() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)), RSA.Create(2048));
}
