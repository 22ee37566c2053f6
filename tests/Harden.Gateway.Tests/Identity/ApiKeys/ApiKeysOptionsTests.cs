using Harden.Gateway.Configuration;

namespace Harden.Gateway.Tests.Identity.ApiKeys;

public sealed class ApiKeysOptionsTests
{
    private const string Good = "ApiKeys:Keys:0:Name=import ApiKeys:Keys:0:Expires=2099-01-01T00:00:00Z ApiKeys:Keys:0:Hash=sha256:0000000000000000000000000000000000000000000000000000000000000001";

    [Theory]
    [InlineData(Good + " ApiKeys:Header=Cookie", "must be the name of a header of its own")]
    [InlineData(Good + " ApiKeys:Header=X_Key", "must be the name of a header of its own")]
    [InlineData(Good + " ApiKeys:Keys:0:Name=", "ApiKeys:Keys:0:Name")]
    [InlineData(Good + " ApiKeys:Keys:0:Name=a/b", "must be a name of letters")]
    [InlineData(Good + " ApiKeys:Keys:0:Name=de000000-0000-4000-8000-0000000000a3", "must not be a GUID")]
    [InlineData(Good + " ApiKeys:Keys:0:Hash=harden_Q7w2RtY9uI3oP5aSdF", "holds the key itself")]
    [InlineData(Good + " ApiKeys:Keys:0:Hash=0001", "must be sha256:")]
    [InlineData(Good + " ApiKeys:Keys:0:Expires=soon", "must be a time such as 2026-01-31T00:00:00Z")]
    [InlineData(Good + " ApiKeys:Keys:0:Roles:0=Harden.Admin", "is a role of Harden itself")]
    [InlineData(Good + " ApiKeys:Keys:0:Roles:0=a,b", "must be one name without blanks and commas")]
    [InlineData(Good + " ApiKeys:Keys:1:Name=IMPORT ApiKeys:Keys:1:Expires=2099-01-01T00:00:00Z ApiKeys:Keys:1:Hash=sha256:0000000000000000000000000000000000000000000000000000000000000002", "is the name of an earlier key too")]
    [InlineData(Good + " ApiKeys:Keys:1:Name=other ApiKeys:Keys:1:Expires=2099-01-01T00:00:00Z ApiKeys:Keys:1:Hash=sha256:0000000000000000000000000000000000000000000000000000000000000001", "is the hash of an earlier key too")]
    [InlineData("ApiKeys:Keys:0:Name=import ApiKeys:Keys:0:Hash=sha256:0000000000000000000000000000000000000000000000000000000000000001", "every key ends")]
    [InlineData(Good + " Access:Rules:0:Keys:0=imprt", "is not the name of a key in ApiKeys:Keys. Did you mean import?")]
    [InlineData("Access:Rules:0:Keys:0=import", "There are none yet: harden key create NAME makes one.")]
    public void Mistake_IsOneClearSentenceAndShowsNoSecret(string arguments, string expected)
    {
        var builder = ConfigurationStage.CreateBuilder(
        [
            .. arguments.Split(' ').Select(static a => "--" + a), "--environment", "Development", "--Prototype:Address=http://127.0.0.1:9",
            "--AzureAd:Instance=http://localhost:1/", "--AzureAd:TenantId=de000000-0000-4000-8000-000000000001", "--AzureAd:ClientId=de000000-0000-4000-8000-0000000000c1",
        ]);

        var e = Assert.Throws<ConfigurationException>(() => Program.Build(builder));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Single(e.Problems);
        Assert.DoesNotContain("Q7w2RtY9", e.Message, StringComparison.Ordinal);
    }
}
