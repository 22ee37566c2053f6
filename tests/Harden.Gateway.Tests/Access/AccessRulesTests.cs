using System.Net;
using Harden.Gateway.Access;

namespace Harden.Gateway.Tests.Access;

public sealed class AccessRulesTests
{
    private const string Tenant = "11111111-0000-4000-8000-000000000000";
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
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
    [InlineData("CONNECT", null)] // a WebSocket over HTTP/2, which the app gets as GET
    public void MethodRule_HoldsForHeadAndWebSocketsAsForGet(string method, string? reason) =>
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

        Assert.Equal(("team", null, new("trial", "role")), All(Decide(options, "/admin", subject: Member)));
        Assert.Equal(("team", "not-signed-in", new("trial", "not-signed-in")), All(Decide(options, "/admin")));
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

    [Fact]
    public void EveryRuleOnTrial_IsSaid()
    {
        var options = new AccessOptions { Rules = [new() { Name = "a", Roles = ["A"], ReportOnly = true }, new() { Name = "b", Roles = ["Member"], ReportOnly = true }, new() { Name = "c", Roles = ["C"], ReportOnly = true }, new()] };

        var trial = Decide(options, "/", subject: Member).Trial!;

        Assert.Equal(("a", "c", null), (trial.Rule, trial.Next!.Rule, trial.Next.Next));
    }

    [Theory]
    [InlineData("session", "", "scope")]
    [InlineData("bearer", "", "scope")] // a service's own token
    [InlineData("bearer", "Tasks.Write Tasks.Read", null)]
    [InlineData("bearer", "tasks.read", "scope")]
    public void Scopes_AreOfTokens_ASessionHasNone(string scheme, string scopes, string? reason)
    {
        var caller = new Subject { Tenant = Tenant, ObjectId = "a", Scheme = scheme, Scopes = scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries) };

        Assert.Equal(reason, Decide(new() { Rules = [new() { Scopes = ["Tasks.Read"] }] }, "/", subject: caller).Reason);
    }

    [Fact]
    public void Key_GetsInWhereItIsNamed_AndNowhereElse()
    {
        var key = new Subject { Tenant = "apikey", ObjectId = "import", Name = "import", Scheme = "apikey", Roles = ["Member"] };
        string? Reason(AccessRuleOptions rule, Subject? subject) => Decide(new() { Rules = [rule] }, "/", subject: subject).Reason;

        Assert.Equal("key", Decide(new() { Default = Audience.SignedIn }, "/", subject: key).Reason);
        Assert.Equal("key", Reason(new(), key));
        Assert.Equal("key", Reason(new() { Allow = Audience.SignedIn }, key));
        Assert.Equal("key", Reason(new() { Roles = ["Member"] }, key));
        Assert.Equal("key", Reason(new() { Subjects = ["apikey/import"] }, key));
        Assert.Equal("key", Reason(new() { Keys = ["Import"] }, key));
        Assert.Equal("nobody", Reason(new() { Allow = Audience.Nobody }, key));
        Assert.Null(Reason(new() { Keys = ["other", "import"] }, key));
        Assert.Null(Reason(new() { Keys = ["import"], Roles = ["Admin"], AuthContext = "c1" }, key));
        Assert.Null(Reason(new() { Allow = Audience.Anonymous }, key));
    }

    [Fact]
    public void RuleThatNamesOnlyKeys_LetsNoPersonIn_UnlessItSaysSo()
    {
        string? Reason(AccessRuleOptions rule, Subject? subject) => Decide(new() { Rules = [rule] }, "/", subject: subject).Reason;

        Assert.Equal("key-needed", Reason(new() { Keys = ["import"] }, Member));
        Assert.Equal("key-needed", Reason(new() { Keys = ["import"] }, null));
        Assert.Null(Reason(new() { Keys = ["import"], Allow = Audience.SignedIn }, Member));
        Assert.Null(Reason(new() { Keys = ["import"], Roles = ["Member"] }, Member));
        Assert.Equal("role", Reason(new() { Keys = ["import"], Roles = ["Admin"] }, Member));
        Assert.Equal("not-signed-in", Reason(new() { Keys = ["import"], Roles = ["Admin"] }, null));
    }

    [Fact]
    public void StepUp_IsAskedOnlyOfWhoMeetsTheRest()
    {
        var rule = new AccessRuleOptions { Roles = ["Member"], AuthContext = "c1", MaxAge = TimeSpan.FromMinutes(5) };
        string? Reason(string role, string[] contexts, int? minutes) => Decide(new() { Rules = [rule] }, "/", subject: new()
        {
            Tenant = Tenant, ObjectId = "a", Scheme = "session", Roles = [role], AuthContexts = contexts, AuthenticatedAt = minutes is { } m ? Now.AddMinutes(-m) : null,
        }).Reason;

        Assert.Equal("role", Reason("Guest", [], null));
        Assert.Equal("auth-context", Reason("Member", ["c2", "C1"], 1));
        Assert.Equal("max-age", Reason("Member", ["c1"], 6));
        Assert.Equal("max-age", Reason("Member", ["c1"], null));
        Assert.Null(Reason("Member", ["c2", "c1"], 5));
    }

    private static Subject Person(string tenant, string[] groups, bool overage = false) =>
        new() { Tenant = tenant, ObjectId = "a", Email = "a@example.com", Scheme = "session", Roles = ["Member"], Groups = groups, GroupsOverage = overage };

    private static AccessRules.Verdict Decide(AccessOptions options, string path, string method = "GET", Subject? subject = null, string client = "192.0.2.1") =>
        new AccessRules(options).Decide(new(path, method, IPAddress.Parse(client), subject, Now));

    private static (string?, string?) Of(AccessRules.Verdict verdict) => (verdict.Rule?.Name, verdict.Reason);

    private static (string?, string?, AccessRules.Trial?) All(AccessRules.Verdict verdict) => (verdict.Rule?.Name, verdict.Reason, verdict.Trial);
}
