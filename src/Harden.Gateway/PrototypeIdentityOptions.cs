using System.ComponentModel.DataAnnotations;

namespace Harden.Gateway;

/// <summary>Section <c>Prototype:Identity</c>: what the app gets besides <c>X-Harden-User</c>, <c>-Name</c>, <c>-Email</c> and <c>-Roles</c>.</summary>
internal sealed class PrototypeIdentityOptions
{
    /// <summary>
    /// Header families that other products taught apps to read: <c>AppService</c> (<c>X-MS-CLIENT-PRINCIPAL</c> and its <c>-ID</c>, <c>-NAME</c>,
    /// <c>-IDP</c>) and <c>OAuth2Proxy</c> (<c>X-Forwarded-User</c>, <c>-Email</c>, <c>-Groups</c>, <c>-Preferred-Username</c>). Default: none.
    /// </summary>
    public IdentityPreset[] Presets { get; set; } = [];

    /// <summary>
    /// Send <c>X-Harden-Assertion</c>, a signed statement of who asks, good for 60 seconds: a JWT (RFC 7519, ES256) whose audience is
    /// <c>Prototype:Name</c> and whose keys are at <c>/.harden/jwks.json</c>. An app that other programs can reach should check it. Default true.
    /// </summary>
    public bool Assertion { get; set; } = true;

    /// <summary>How long a key signs assertions until a new one takes over, 01:00:00 to 365.00:00:00. Default 30.00:00:00 (30 days).</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00", ErrorMessage = "must be between 01:00:00 and 365.00:00:00.")]
    public TimeSpan AssertionKeyLifetime { get; set; } = TimeSpan.FromDays(30);
}

/// <summary>Header families of other products.</summary>
internal enum IdentityPreset
{
    /// <summary>Azure App Service Authentication ("Easy Auth").</summary>
    AppService,

    /// <summary>oauth2-proxy with <c>--pass-user-headers</c>.</summary>
    OAuth2Proxy,
}
