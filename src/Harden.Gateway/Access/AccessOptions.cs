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

    /// <summary>HTTP methods, any of which fits. GET stands for HEAD too, and for opening a WebSocket. Default: all.</summary>
    public string[] Methods { get; set; } = [];

    /// <summary>Client addresses or networks (CIDR), any of which fits. Default: all.</summary>
    public string[] Networks { get; set; } = [];

    /// <summary>
    /// Who is let through, before the lists below narrow it. Default <c>SignedIn</c>; of a rule that names <see cref="Keys"/> and nobody
    /// else, <c>Nobody</c> but these keys.
    /// </summary>
    public Audience? Allow { get; set; }

    /// <summary>App roles, one of which the caller must have. Default: none needed.</summary>
    public string[] Roles { get; set; } = [];

    /// <summary>Group object ids, one of which the caller must be in. Default: none needed.</summary>
    public string[] Groups { get; set; } = [];

    /// <summary>
    /// Delegated permissions (<c>scp</c>), one of which an API caller's token must carry. A browser's session and a service's own token carry
    /// none, so the rule refuses them; roles are what all kinds of callers can have. Default: none needed.
    /// </summary>
    public string[] Scopes { get; set; } = [];

    /// <summary>
    /// API keys that are let through too, by name; the lists for people are not asked of them. A key gets in nowhere else but where
    /// <see cref="Allow"/> is <c>Anonymous</c>. Default: no key.
    /// </summary>
    public string[] Keys { get; set; } = [];

    /// <summary>Tenant ids, one of which must be the caller's. Default: any tenant that may sign in.</summary>
    public string[] Tenants { get; set; } = [];

    /// <summary>Subjects as <c>tenant id/object id</c>, one of which the caller must be. Default: any.</summary>
    public string[] Subjects { get; set; } = [];

    /// <summary>
    /// Authentication context of a Conditional Access policy, <c>c1</c> to <c>c99</c>, that the sign-in must have met (<c>acrs</c>). Who hasn't
    /// is sent to meet it, such as by a second factor, and comes back. Default: none needed.
    /// </summary>
    [RegularExpression("c[1-9][0-9]?", ErrorMessage = "must be an authentication context of Entra, c1 to c99.")]
    public string? AuthContext { get; set; }

    /// <summary>
    /// The sign-in (<c>auth_time</c>) must not be older than this, at least a minute, or the person signs in once more. Needs the optional
    /// claim <c>auth_time</c> in the app registration. Default: as old as the session.
    /// </summary>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>
    /// Who else than the app's own pages may change something or open a WebSocket with a person's session. Callers without a session cookie,
    /// such as webhooks, are never asked. Default <c>OwnOrigin</c>.
    /// </summary>
    public CrossSitePolicy CrossSite { get; set; }

    /// <summary>Origins, such as <c>https://forms.example.com</c>, whose pages may do so here, beside those of <c>Session:AllowedOrigins</c>. Default: none.</summary>
    public string[] Origins { get; set; } = [];

    /// <summary>What becomes of CORS preflights, which browsers always send without identity. Default <c>Refuse</c>, as any anonymous request.</summary>
    public PreflightPolicy Preflight { get; set; }

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

    /// <summary>Anyone who is signed in; an API key is not.</summary>
    SignedIn,

    /// <summary>Anyone at all.</summary>
    Anonymous,
}

/// <summary>Whose pages may act with a person's session.</summary>
internal enum CrossSitePolicy
{
    /// <summary>The app's own, those of <c>Session:AllowedOrigins</c> and of the rule's <c>Origins</c>.</summary>
    OwnOrigin,

    /// <summary>Any site's: the app protects itself against forged requests.</summary>
    Allow,
}

/// <summary>What becomes of CORS preflights.</summary>
internal enum PreflightPolicy
{
    /// <summary>They need a signed-in caller as everything else, so browsers' own are refused.</summary>
    Refuse,

    /// <summary>
    /// An OPTIONS request with <c>Origin</c> and <c>Access-Control-Request-Method</c>, and without a body, goes to the app without identity if the
    /// rule decides the request it asks about.
    /// </summary>
    Forward,
}
