using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Harden.Gateway.Configuration;
using Harden.Gateway.Identity;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Harden.Gateway.Tests.Identity;

public sealed class EntraOptionsTests
{
    private const string Good = "--AzureAd:Instance=https://login.microsoftonline.com/ --AzureAd:TenantId=de000000-0000-4000-8000-000000000001 --AzureAd:ClientId=de000000-0000-4000-8000-0000000000c1";

    [Theory]
    [InlineData("Production", "", "AzureAd: is missing")]
    [InlineData("Development", "", "start DevEntra")]
    [InlineData("Production", "--AzureAd:Instance=http://localhost:8082/ --AzureAd:TenantId=x --AzureAd:ClientSecret=s --AzureAd:ClientId=de000000-0000-4000-8000-0000000000c1", "AzureAd:Instance = \"http://localhost:8082/\": is a loopback or http address")]
    [InlineData("Production", "--AzureAd:Instance=https://localhost:8082/ --AzureAd:TenantId=x --AzureAd:ClientSecret=s --AzureAd:ClientId=de000000-0000-4000-8000-0000000000c1", "is a loopback or http address")]
    [InlineData("Development", "--AzureAd:Instance=http://login.example/ --AzureAd:TenantId=x --AzureAd:ClientId=de000000-0000-4000-8000-0000000000c1", "must be https unless")]
    [InlineData("Production", Good, "AzureAd:ClientCredentials: is empty")]
    [InlineData("Development", Good + " --AzureAd:ClientId=mine", "AzureAd:ClientId = \"mine\": must be the application")]
    [InlineData("Development", Good + " --AzureAd:TenantId=organizations", "AzureAd:AllowedTenants: is empty")]
    [InlineData("Development", Good + " --AzureAd:AllowedTenants:0=de000000-0000-4000-8000-000000000002", "has a meaning only when")]
    [InlineData("Development", Good + " --AzureAd:CallbackPath=/signin-oidc", "AzureAd:CallbackPath = \"/signin-oidc\": must be /.harden/signin/callback")]
    [InlineData("Development", Good + " --AzureAd:ClientCredentials:0:SourceType=Path --AzureAd:ClientCredentials:0:CertificateDiskPath=nowhere.pfx", "is no certificate that can be used")]
    [InlineData("Development", Good + " --AzureAd:ClientCredentials:0:SourceType=StoreWithThumbprint", "CertificateThumbprint: is missing")]
    [InlineData("Development", Good + " --Session:IdleTimeout=13:00:00", "Session:AbsoluteTimeout")]
    [InlineData("Development", Good + " --Session:AllowedOrigins:0=friend.example", "must be an origin")]
    public void Mistake_IsOneClearSentence(string environment, string arguments, string expected)
    {
        var builder = ConfigurationStage.CreateBuilder([.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--environment", environment, "--Prototype:Address=http://127.0.0.1:9"]);

        var e = Assert.Throws<ConfigurationException>(() => Program.Build(builder));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Single(e.Problems);
    }

    [Fact]
    public async Task Certificate_SignsAnAssertionForTheTokenEndpoint()
    {
        using var rsa = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=harden", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var live = new Live<EntraOptions>();
        live.Current.ClientId = EntraUnderTest.ClientId;
        live.Current.ClientCredentials = [new() { SourceType = CredentialSource.Base64Encoded, Base64EncodedValue = Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12)) }];
        using var credential = new ClientCredential(live, TimeProvider.System);
        var form = new Dictionary<string, string>();

        await credential.AddToAsync(form, "https://login.example/token", default);
        var assertion = new JsonWebToken(form["client_assertion"]);

        Assert.Equal("PS256", assertion.Alg);
        Assert.Equal(Convert.ToHexString(certificate.GetCertHash(HashAlgorithmName.SHA256)), Convert.ToHexString(System.Buffers.Text.Base64Url.DecodeFromChars(assertion.GetHeaderValue<string>("x5t#S256"))));
        Assert.Equal("https://login.example/token", Assert.Single(assertion.Audiences));
        Assert.Equal(EntraUnderTest.ClientId, assertion.Issuer);
        Assert.Equal(EntraUnderTest.ClientId, assertion.Subject);
        var (body, signature) = (form["client_assertion"][..form["client_assertion"].LastIndexOf('.')], assertion.EncodedSignature);
        Assert.True(rsa.VerifyData(System.Text.Encoding.ASCII.GetBytes(body), System.Buffers.Text.Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
    }
}
