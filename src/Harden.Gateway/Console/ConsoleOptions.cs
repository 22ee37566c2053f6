using System.ComponentModel.DataAnnotations;

namespace Harden.Gateway.Console;

/// <summary>Section <c>Console</c>: the second listener, with the console, <c>/metrics</c> and <c>/health</c>.</summary>
internal sealed class ConsoleOptions
{
    /// <summary>The app role that may change things: revoke, reset.</summary>
    internal const string AdminRole = "Harden.Admin";

    /// <summary>Addresses of the management listener, such as <c>https://*:8443</c>. Default: http://localhost:8081, which only this machine reaches.</summary>
    public string[] Listen { get; set; } = [];

    /// <summary>App roles, one of which a person must have to see the console. Default: Harden.Admin and Harden.Reviewer.</summary>
    public string[] Roles { get; set; } = [];

    /// <summary>
    /// Secret that a scraper sends as <c>Authorization: Bearer …</c> to read <c>/metrics</c> and <c>/health</c> without a role, at least 16
    /// characters. Default: none, so that these need <see cref="ScrapeFromLoopback"/> or a role.
    /// </summary>
    [MinLength(16, ErrorMessage = "must be at least 16 characters, such as 32 random hexadecimal digits.")]
    public string? ScrapeToken { get; set; }

    /// <summary>
    /// Let this machine read <c>/metrics</c> and <c>/health</c> without a token or a role. Default true; set it to false where a reverse proxy on this
    /// machine serves the management listener to others.
    /// </summary>
    public bool ScrapeFromLoopback { get; set; } = true;

    /// <summary>The roles in force.</summary>
    internal IReadOnlyList<string> RolesOrDefault => Roles.Length > 0 ? Roles : [AdminRole, "Harden.Reviewer"];

    /// <summary>The addresses in force.</summary>
    internal IReadOnlyList<string> ListenOrDefault => Listen.Length > 0 ? Listen : ["http://localhost:8081"];
}
