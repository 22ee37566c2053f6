using System.Reflection;
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
    [InlineData("Development", Good + " --Session:AllowedOrigins:0=https://friend.example:443", "must be an origin as browsers send it")]
    [InlineData("Development", Good + " --AzureAd:TenantId=organizations --AzureAd:AllowedTenants:0=de000000000040008000000000000002", "must be a tenant id")]
    [InlineData("Development", Good + " --AzureAd:Authority=https://login.microsoftonline.com/common/v2.0", "AzureAd:Authority: is made of Instance and TenantId")]
    [InlineData("Development", Good + " --AzureAd:SignedOutCallbackPath=/signout-callback-oidc", "people come back to /.harden/signout")]
    [InlineData("Development", Good + " --AzureAd:AllowWebApiToBeAuthorizedByACL=true", "must carry an app role")]
    [InlineData("Development", Good + " --AzureAd:ClientCertificates:0:SourceType=Path", "is the older form of ClientCredentials")]
    [InlineData("Development", Good + " --AzureAd:SignUpSignInPolicyId=b2c_1_susi", "is of Azure AD B2C")]
    [InlineData("Development", Good + " --AzureAd:ClientCredentials:0:SourceType=KeyVault", "must be one of ClientSecret, Path")]
    [InlineData("Development", Good + " --AzureAd:ClientCredentials:0:SourceType=Path --AzureAd:ClientCredentials:0:KeyVaultUrl=https://v.example", "KeyVaultUrl: is not supported: have the platform put the certificate into a file")]
    [InlineData("Development", Good + " --AzureAd:ClientCredentials:0:SourceType=StoreWithDistinguishedName", "CertificateDistinguishedName: is missing")]
    [InlineData("Development", Good + " --AzureAd:ClientCredentials:0:SourceType=StoreWithDistinguishedName --AzureAd:ClientCredentials:0:CertificateDistinguishedName=CN=nobody", "is no certificate that can be used")]
    [InlineData("Production", Good + " --AzureAd:ClientSecret=s --ConnectionStrings:redis=localhost:1", "Session:KeySecret: is missing")]
    [InlineData("Production", Good + " --AzureAd:ClientSecret=s --ConnectionStrings:redis=localhost:1 --Session:KeySecret=short", "must have at least 32 characters")]
    public void Mistake_IsOneClearSentence(string environment, string arguments, string expected)
    {
        var builder = ConfigurationStage.CreateBuilder([.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--environment", environment, "--Prototype:Address=http://127.0.0.1:9"]);

        var e = Assert.Throws<ConfigurationException>(() => Program.Build(builder));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Single(e.Problems);
    }

    [Theory]
    [InlineData("Production", "--AzureAd:TenantId=de000000-0000-4000-8000-000000000001 --AzureAd:ClientId=de000000-0000-4000-8000-0000000000c1 --AzureAd:ClientSecret=s")] // the three keys of the README
    [InlineData("Production", Good + " --AzureAd:ClientSecret=s --AzureAd:Domain=contoso.example --AzureAd:CallbackPath=/.harden/signin/callback")]
    [InlineData("Production", Good + " --AzureAd:ClientCredentials:0:SourceType=SignedAssertionFromManagedIdentity --AzureAd:ClientCredentials:0:TokenExchangeUrl=api://AzureADTokenExchangeUSGov")]
    [InlineData("Production", Good + " --AzureAd:ClientSecret=s --ConnectionStrings:redis=localhost:1 --Session:KeySecret=0123456789abcdef0123456789abcdef")]
    [InlineData("Production", Good + " --AzureAd:ClientSecret=s --ConnectionStrings:redis=localhost:1 --Session:KeysInRedis=Plain")]
    public async Task WhatTheDocumentationSays_IsAccepted(string environment, string arguments)
    {
        var builder = ConfigurationStage.CreateBuilder([.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--environment", environment, "--Prototype:Address=http://127.0.0.1:9"]);

        await using var app = Program.Build(builder);
    }

    // Microsoft.Identity.Web alone looks at that: it would believe headers instead of signing people in.
    [Fact]
    public async Task AppServiceThatSignsPeopleIn_IsRefused_OrMeansNothing()
    {
        var full = typeof(Program).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "Harden.PackageSet").Value == "full";
        var start = new System.Diagnostics.ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Harden.Gateway.dll"), "--Prototype:Address=http://127.0.0.1:9", .. Good.Split(' '), "--check"])
        {
            RedirectStandardError = true,
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["WEBSITE_AUTH_ENABLED"] = "True", ["WEBSITE_AUTH_DEFAULT_PROVIDER"] = "AzureActiveDirectory" },
        };
        using var check = System.Diagnostics.Process.Start(start)!;
        var said = await check.StandardError.ReadToEndAsync();
        await check.WaitForExitAsync();

        Assert.Equal(full ? (ConfigurationException.ExitCode, true) : (0, false), (check.ExitCode, said.Contains("WEBSITE_AUTH_ENABLED", StringComparison.Ordinal)));
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
