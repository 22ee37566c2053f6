using System.Net;
using Harden.Gateway.Access;

namespace Harden.Gateway.Tests.Access;

public sealed class AccessRulesTests
{
    private const string Tenant = "11111111-0000-4000-8000-000000000000";
    private static readonly Subject Member = Person(Tenant, ["g1"]);

    [Fact]
    public void NoRules_DenyEveryone() => Assert.Equal("no-rule", Decide(new(), "/", subject: Member).Reason);

    [Fact]
    public void FirstMatch_Decides_AlsoWhenALaterRuleWouldAllow()
    {
        var options = new AccessOptions { Rules = [new() { Name = "admin", Paths = ["/admin/**"], Roles = ["Admin"] }, new() { Allow = Audience.Anonymous }] };

        Assert.Equal(("admin", "role"), Of(Decide(options, "/admin/x", subject: Member)));
        Assert.Equal(("admin", "not-signed-in"), Of(Decide(options, "/admin/x")));
        Assert.Equal(("rule-2", null), Of(Decide(options, "/x")));
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData("HEAD", null)]
    [InlineData("POST", "no-rule")]
    [InlineData("get", null)]
    public void MethodRule_HoldsForHeadAsForGet(string method, string? reason) =>
        Assert.Equal(reason, Decide(new() { Rules = [new() { Methods = ["GET"], Allow = Audience.Anonymous }] }, "/", method).Reason);

    [Fact]
    public void Lists_MustAllBeMet()
    {
        AccessOptions Rule(Action<AccessRuleOptions> set)
        {
            var rule = new AccessRuleOptions();
            set(rule);
            return new() { Rules = [rule] };
        }

        Assert.Null(Decide(Rule(static r => r.Groups = ["G1"]), "/", subject: Member).Reason);
        Assert.Equal("group", Decide(Rule(static r => r.Groups = ["g2"]), "/", subject: Member).Reason);
        Assert.Equal("group-overage", Decide(Rule(static r => r.Groups = ["g2"]), "/", subject: Person(Tenant, [], overage: true)).Reason);
        Assert.Equal("tenant", Decide(Rule(static r => r.Tenants = ["other"]), "/", subject: Member).Reason);
        Assert.Equal("subject", Decide(Rule(static r => r.Subjects = [Tenant + "/b"]), "/", subject: Member).Reason);
        Assert.Null(Decide(Rule(static r => r.Subjects = [Tenant + "/a"]), "/", subject: Member).Reason);
        Assert.Equal("role", Decide(Rule(static r => { r.Groups = ["g1"]; r.Roles = ["Admin"]; }), "/", subject: Member).Reason);
    }

    [Fact]
    public void SameMailOfAnotherTenant_IsAnotherPerson()
    {
        var options = new AccessOptions { Rules = [new() { Subjects = [Member.Key] }] };

        Assert.Equal("subject", Decide(options, "/", subject: Person("22222222-0000-4000-8000-000000000000", ["g1"])).Reason);
    }

    [Fact]
    public void RuleOnTrial_IsSaidAndTheNextDecides()
    {
        var options = new AccessOptions { Rules = [new() { Name = "trial", Paths = ["/admin/**"], Roles = ["Admin"], ReportOnly = true }, new() { Name = "team" }] };

        Assert.Equal(new("team", null, new("trial", "role")), Decide(options, "/admin", subject: Member));
        Assert.Equal(new("team", "not-signed-in", new("trial", "not-signed-in")), Decide(options, "/admin"));
        Assert.Null(Decide(options, "/x", subject: Member).Trial);
    }

    [Fact]
    public void Networks_AreMatched()
    {
        var options = new AccessOptions { Rules = [new() { Networks = ["10.0.0.0/8", "2001:db8::/32"], Allow = Audience.Anonymous }] };

        Assert.Null(Decide(options, "/", client: "10.1.2.3").Reason);
        Assert.Null(Decide(options, "/", client: "2001:db8::1").Reason);
        Assert.Equal("no-rule", Decide(options, "/", client: "11.1.2.3").Reason);
    }

    private static Subject Person(string tenant, string[] groups, bool overage = false) =>
        new() { Tenant = tenant, ObjectId = "a", Email = "a@example.com", Scheme = "session", Roles = ["Member"], Groups = groups, GroupsOverage = overage };

    private static AccessRules.Verdict Decide(AccessOptions options, string path, string method = "GET", Subject? subject = null, string client = "192.0.2.1") =>
        new AccessRules(options).Decide(path, method, IPAddress.Parse(client), subject);

    private static (string?, string?) Of(AccessRules.Verdict verdict) => (verdict.Rule, verdict.Reason);
}
