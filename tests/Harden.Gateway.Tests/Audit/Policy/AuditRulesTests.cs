using Harden.Gateway.Audit;
using Harden.Gateway.Audit.Policy;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Audit.Policy;

public sealed class AuditRulesTests
{
    private static readonly Subject Ada = new() { Tenant = "t", ObjectId = "ada", Scheme = "session", Roles = ["Clerk"] };

    [Fact]
    public void FirstThatFits_Decides()
    {
        AuditRuleOptions[] rules = [new() { Name = "a", Paths = ["/a/**"], Methods = ["GET"] }, new() { Name = "b", Paths = ["/a/**"] }];

        Assert.Equal("a", Decided(rules, "/a/x"));
        Assert.Equal("a", Decided(rules, "/A/x", method: "HEAD"));
        Assert.Equal("b", Decided(rules, "/a/x", method: "POST"));
        Assert.Equal("", Decided(rules, "/c"));
    }

    [Fact]
    public void Identity_IsPartOfTheMatch()
    {
        Assert.Equal("rule-1", Decided([new() { Roles = ["Boss", "Clerk"] }], subject: Ada));
        Assert.Equal("", Decided([new() { Roles = ["clerk"] }], subject: Ada)); // roles are case-sensitive, as in access rules
        Assert.Equal("", Decided([new() { Roles = ["Clerk"] }]));
        Assert.Equal("rule-1", Decided([new() { Subjects = ["T/ADA"] }], subject: Ada));
        Assert.Equal("", Decided([new() { Subjects = ["t/grace"] }], subject: Ada));
        Assert.Equal("rule-1", Decided([new() { Schemes = ["session"] }], subject: Ada));
        Assert.Equal("", Decided([new() { Schemes = ["apikey"] }], subject: Ada));
        Assert.Equal("", Decided([new() { Anonymous = true }], subject: Ada));
        Assert.Equal("rule-1", Decided([new() { Anonymous = true }]));
        Assert.Equal("rule-1", Decided([new() { Anonymous = false }], subject: Ada));
    }

    [Theory]
    [InlineData("application/json", null, true)]
    [InlineData("APPLICATION/JSON; charset=utf-8", null, true)]
    [InlineData(null, "application/problem+json", true)]
    [InlineData(null, "text/html; charset=utf-8", true)]
    [InlineData("image/png", "application/jsonx", false)]
    [InlineData(null, null, false)]
    public void ContentType_OfEitherFits(string? request, string? answer, bool fits) =>
        Assert.Equal(fits ? "rule-1" : "", Decided([new() { ContentTypes = ["application/json", "text/*", "application/*+json"] }], type: request, answerType: answer));

    [Theory]
    [InlineData(503, "errors")]
    [InlineData(401, "refused")]
    [InlineData(404, "")]
    public void Status_Decides(int status, string rule) =>
        Assert.Equal(rule, Decided([new() { Name = "errors", Statuses = ["5xx"] }, new() { Name = "refused", Statuses = ["401", "403"] }], status: status));

    [Fact]
    public void RulesThatWaitForTheAnswer_HaveTheirBodiesCapturedUntilThen()
    {
        var rules = new AuditRules(new() { Rules = [new() { Statuses = ["5xx"], Level = AuditLevel.RequestResponse, Limit = 5000 }, new() { Paths = ["/a"], Level = AuditLevel.Request, Limit = 300 }, new() { Paths = ["/**"] }] });

        var plan = rules.Plan(new() { RequestId = "", Path = "/a" }, new DefaultHttpContext().Request);
        var other = rules.Plan(new() { RequestId = "", Path = "/b" }, new DefaultHttpContext().Request);

        Assert.Equal(("rule-2", false, 5000, 5000), (plan.Rule.Name, plan.Settled, plan.RequestLimit, plan.ResponseLimit));
        Assert.Equal(("rule-3", false, 5000, 5000), (other.Rule.Name, other.Settled, other.RequestLimit, other.ResponseLimit));
    }

    [Fact]
    public void RequestOfTheContentTypeAskedFor_WaitsForNothing()
    {
        var context = new DefaultHttpContext { Request = { ContentType = "application/json" } };

        var plan = new AuditRules(new() { Rules = [new() { ContentTypes = ["application/json"], Level = AuditLevel.Request }] }).Plan(new() { RequestId = "", Path = "/" }, context.Request);

        Assert.Equal(("rule-1", true, 65536, 0), (plan.Rule.Name, plan.Settled, plan.RequestLimit, plan.ResponseLimit));
    }

    private static string Decided(AuditRuleOptions[] rules, string path = "/", string method = "GET", Subject? subject = null, int status = 200, string? type = null, string? answerType = null)
    {
        var context = new DefaultHttpContext { Request = { Method = method, ContentType = type }, Response = { StatusCode = status, ContentType = answerType } };
        return new AuditRules(new AuditOptions { Rules = rules }).Decide(new() { RequestId = "", Path = path, Subject = subject }, context.Request, context.Response).Name;
    }
}
