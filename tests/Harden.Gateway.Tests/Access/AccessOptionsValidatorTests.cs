using Harden.Gateway.Access;
using Harden.Gateway.Configuration;
using Microsoft.Extensions.Configuration;

namespace Harden.Gateway.Tests.Access;

public sealed class AccessOptionsValidatorTests
{
    [Theory]
    [InlineData("Access:Rules:0:Methods:0", "GTE")]
    [InlineData("Access:Rules:0:Methods:0", "")]
    [InlineData("Access:Rules:0:Paths:0", "")]
    [InlineData("Access:Rules:0:Paths:0", "/public/../admin")]
    [InlineData("Access:Rules:0:Paths:0", "/.harden/signin")]
    [InlineData("Access:Rules:0:Paths:0", "/.Harden/**")]
    [InlineData("Access:Rules:0:Networks:0", "10.0.0.0/33")]
    [InlineData("Access:Rules:0:Networks:0", "")]
    [InlineData("Access:Rules:0:Networks:0", "10/8")]
    [InlineData("Access:Rules:0:Tenants:0", "{11111111-0000-4000-8000-000000000000}")]
    [InlineData("Access:Rules:0:Subjects:0", "11111111000040008000000000000000/22222222000040008000000000000000")]
    [InlineData("Access:Rules:0:Tenants:0", "contoso.com")]
    [InlineData("Access:Rules:0:Subjects:0", "max@contoso.example")]
    [InlineData("Access:Rules:0:Subjects:0", "11111111-0000-4000-8000-000000000000")]
    [InlineData("Access:Rules:0:Roles:0", "")]
    [InlineData("Access:Rules:0:Roles:0", "Admin Owner")]
    [InlineData("Access:Rules:0:Groups:0", " ")]
    [InlineData("Access:Rules:0:Scopes:0", "Tasks.Read Tasks.Write")]
    [InlineData("Access:Rules:0:Keys:0", "")]
    [InlineData("Access:Rules:0:AuthContext", "mfa")]
    [InlineData("Access:Rules:0:AuthContext", "c100")]
    [InlineData("Access:Rules:0:AuthContext", "c0")]
    [InlineData("Access:Rules:0:MaxAge", "00:00:30")]
    [InlineData("Access:Rules:0:MaxAge", "00:10:00.5")]
    [InlineData("Access:Rules:0:MaxAge", "31.00:00:00")]
    [InlineData("Access:Rules:0:Origins:0", "null")]
    [InlineData("Access:Rules:0:Origins:0", "*")]
    [InlineData("Access:Rules:0:Origins:0", "https://forms.example.com/path")]
    [InlineData("Access:Rules:0:Origins:0", "https://forms.example.com:443")]
    [InlineData("Access:Rules:0:CrossSite", "Yes")]
    [InlineData("Access:Rules:0:Preflight", "Allow")]
    [InlineData("Access:Rules:0:Name", "  ")]
    public void ValueThatMeansNothing_IsRefusedAtItsKey(string key, string value) =>
        Assert.Equal([key], Validate((key, value)).Select(static problem => problem.Key));

    [Fact]
    public void KeyThatThereIsNot_IsRefusedWithTheNearestThatThereIs()
    {
        (string, string) key = ("ApiKeys:Keys:0:Name", "nightly-import");

        Assert.Empty(Validate(key, ("Access:Rules:0:Keys:0", "nightly-import")));
        Assert.EndsWith("Did you mean nightly-import?", Assert.Single(Validate(key, ("Access:Rules:0:Keys:0", "nightly-imports"))).Mend, StringComparison.Ordinal);
        Assert.Contains("harden key create", Assert.Single(Validate(("Access:Rules:0:Keys:0", "nightly-import"))).Mend, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Allow", "Allow=Anonymous", "Roles:0=Admin")]
    [InlineData("Allow", "Allow=Nobody", "MaxAge=00:10:00")]
    [InlineData("Allow", "Allow=Anonymous", "AuthContext=c1")]
    [InlineData("Keys", "Allow=Anonymous", "Keys:0=import")]
    [InlineData("CrossSite", "CrossSite=Allow", "Origins:0=https://forms.example.com")]
    public void SettingsThatContradictEachOther_AreRefused(string at, params string[] settings) =>
        Assert.Contains($"Access:Rules:0:{at}", Validate([.. settings.Select(static s => ($"Access:Rules:0:{s[..s.IndexOf('=')]}", s[(s.IndexOf('=') + 1)..]))]).Select(static problem => problem.Key));

    [Theory]
    [InlineData("Paths:0=/a/**", "Paths:0=/a/b")]
    [InlineData("Paths:0=/a/**;Paths:1=/b/**", "Paths:0=/b/*;Paths:1=/a")]
    [InlineData("Methods:0=GET;Methods:1=POST", "Methods:0=get")]
    [InlineData("Methods:0=GET", "Methods:0=HEAD")]
    [InlineData("Networks:0=10.0.0.0/8", "Networks:0=10.1.0.0/16;Networks:1=10.2.3.4")]
    [InlineData("Networks:0=2001:db8::/32", "Networks:0=2001:db8:1::/48")]
    [InlineData("Paths:0=/a/**;Methods:0=GET;Networks:0=10.0.0.0/8", "Paths:0=/a/x;Methods:0=GET;Networks:0=10.0.0.1")]
    [InlineData("Networks:0=::/0;Networks:1=0.0.0.0/0", "Paths:0=/x")]
    [InlineData("Roles:0=Admin", "Paths:0=/x")] // who is refused by the first is not asked about again
    [InlineData("", "Paths:0=/x;ReportOnly=true")]
    public void RuleThatNothingIsLeftTo_IsRefused(string earlier, string later)
    {
        var problem = Assert.Single(Validate([.. Rule(0, earlier), .. Rule(1, later)]));
        Assert.Equal("Access:Rules:1", problem.Key);
        Assert.Contains("\"rule-1\"", problem.Mend, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Paths:0=/a/*", "Paths:0=/a/**")]
    [InlineData("Paths:0=/a/*", "Paths:0=/a/")]
    [InlineData("Methods:0=GET", "Methods:0=GET;Methods:1=POST")]
    [InlineData("Methods:0=HEAD", "Methods:0=GET")]
    [InlineData("Methods:0=GET", "Paths:0=/x")]
    [InlineData("Networks:0=10.1.0.0/16", "Networks:0=10.0.0.0/8")]
    [InlineData("Networks:0=10.0.0.0/8", "Paths:0=/x")]
    [InlineData("Networks:0=0.0.0.0/0", "Paths:0=/x")]
    [InlineData("ReportOnly=true", "Paths:0=/x")]
    public void RuleThatCanStillDecide_IsNot(string earlier, string later) =>
        Assert.Empty(Validate([.. Rule(0, earlier), .. Rule(1, later)]));

    [Fact]
    public void RulesThatTogetherLeaveNothing_AreAllNamed()
    {
        var problem = Assert.Single(Validate([.. Rule(0, "Name=read;Methods:0=GET"), .. Rule(1, "Name=write;Methods:0=POST"), .. Rule(2, "Methods:0=POST;Methods:1=GET;Paths:0=/x")]));

        Assert.Equal("Access:Rules:2", problem.Key);
        Assert.Contains("\"read\" or \"write\"", problem.Mend, StringComparison.Ordinal);
    }

    private static IEnumerable<(string, string)> Rule(int at, string settings) =>
        settings.Length == 0 ? [($"Access:Rules:{at}:Allow", "SignedIn")] : settings.Split(';').Select(s => ($"Access:Rules:{at}:{s[..s.IndexOf('=')]}", s[(s.IndexOf('=') + 1)..]));

    private static IReadOnlyList<Problem> Validate(params (string Key, string Value)[] settings)
    {
        var root = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
        var configuration = new HardenConfiguration(root, null);
        configuration.Add<AccessOptions>("Access", AccessOptionsValidator.Validate, foreignKeys: false);
        try
        {
            configuration.Load();
            return [];
        }
        catch (ConfigurationException e)
        {
            return e.Problems;
        }
    }
}
