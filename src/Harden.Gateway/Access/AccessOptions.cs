using System.ComponentModel.DataAnnotations;

namespace Harden.Gateway.Access;

/// <summary>Section <c>Access</c>: who may do what. Rules are tried in order and the first whose match part fits decides.</summary>
internal sealed class AccessOptions
{
    /// <summary>What happens to a request that no rule matches. Default <c>Nobody</c>: deny.</summary>
    public Audience Default { get; set; } = Audience.Nobody;

    /// <summary>The rules, in order.</summary>
    public AccessRuleOptions[] Rules { get; set; } = [];
}

/// <summary>
/// One rule. <see cref="Paths"/>, <see cref="Methods"/> and <see cref="Networks"/> say which requests it decides; the rest says who is
/// let through. Everyone else is refused: a later rule is not asked.
/// </summary>
internal sealed class AccessRuleOptions
{
    /// <summary>Name in records, counts and <c>harden access explain</c>. Default: its place in the list, such as <c>rule-1</c>.</summary>
    [MaxLength(64, ErrorMessage = "must be at most 64 characters.")]
    public string Name { get; set; } = "";

    /// <summary>
    /// Path patterns, any of which fits: <c>*</c> is any one segment, <c>**</c> at the end any number of them, including none. Letter
    /// case doesn't count, because most frameworks ignore it. Default: every path.
    /// </summary>
    public string[] Paths { get; set; } = [];

    /// <summary>HTTP methods, any of which fits. Default: all.</summary>
    public string[] Methods { get; set; } = [];

    /// <summary>Client addresses or networks (CIDR), any of which fits. Default: all.</summary>
    public string[] Networks { get; set; } = [];

    /// <summary>Who is let through, before the lists below narrow it. Default <c>SignedIn</c>.</summary>
    public Audience Allow { get; set; } = Audience.SignedIn;

    /// <summary>App roles, one of which the caller must have. Default: none needed.</summary>
    public string[] Roles { get; set; } = [];

    /// <summary>Group object ids, one of which the caller must be in. Default: none needed.</summary>
    public string[] Groups { get; set; } = [];

    /// <summary>Tenant ids, one of which must be the caller's. Default: any tenant that may sign in.</summary>
    public string[] Tenants { get; set; } = [];

    /// <summary>Subjects as <c>tenant id/object id</c>, one of which the caller must be. Default: any.</summary>
    public string[] Subjects { get; set; } = [];

    /// <summary>
    /// The rule is on trial: what it would have refused is recorded and counted, and the rules after it decide as if it weren't there, so that
    /// trying a rule opens nothing. Default false.
    /// </summary>
    public bool ReportOnly { get; set; }
}

/// <summary>Who a rule lets through.</summary>
internal enum Audience
{
    /// <summary>Nobody: the request is refused.</summary>
    Nobody,

    /// <summary>Anyone who is signed in.</summary>
    SignedIn,

    /// <summary>Anyone at all.</summary>
    Anonymous,
}
