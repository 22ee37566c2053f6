namespace Harden.DevEntra;

/// <summary>Somebody to sign in as.</summary>
internal sealed record Persona(string Id, string Name, string Email, string ObjectId, string About)
{
    /// <summary>Their own tenant, if it isn't the one served: they are a guest here.</summary>
    public string? HomeTenant { get; init; }

    /// <summary>App roles.</summary>
    public string[] Roles { get; init; } = [];

    /// <summary>How many groups they are in. Above 200 Entra leaves them out of the token and says so.</summary>
    public int GroupCount { get; init; } = 1;

    /// <summary>The account is disabled: sign-in fails with AADSTS50057.</summary>
    public bool Disabled { get; init; }

    /// <summary>No person: only <c>client_credentials</c> gives it a token.</summary>
    public bool Service { get; init; }

    /// <summary>Group object ids, the same ones on every run.</summary>
    public IEnumerable<string> Groups => Enumerable.Range(1, GroupCount).Select(static n => $"de000000-0000-4000-8000-0000000a{n:x4}");

    /// <summary>Another company's tenant.</summary>
    public const string OtherTenant = "de000000-0000-4000-8000-000000000002";

    /// <summary>Everyone there is. The member and the guest share a mail address on purpose: only tenant and object id tell people apart.</summary>
    public static readonly Persona[] All =
    [
        new("admin", "Ada Admin", "ada@contoso.example", "de000000-0000-4000-8000-0000000000a1", "Runs the app and Harden's console. Roles Harden.Admin and Admin.") { Roles = ["Harden.Admin", "Admin"], GroupCount = 2 },
        new("reviewer", "Rita Reviewer", "rita@contoso.example", "de000000-0000-4000-8000-0000000000a2", "Security reviewer: reads the audit trail. Role Harden.Reviewer.") { Roles = ["Harden.Reviewer"] },
        new("member", "Max Member", "max@contoso.example", "de000000-0000-4000-8000-0000000000a3", "Uses the app. No roles."),
        new("guest", "Max Guest", "max@contoso.example", "de000000-0000-4000-8000-0000000000a4", "From another company, with the same mail address as Max Member.") { HomeTenant = OtherTenant },
        new("groups", "Gus Groups", "gus@contoso.example", "de000000-0000-4000-8000-0000000000a5", "In 250 groups, more than a token carries (group overage).") { GroupCount = 250 },
        new("disabled", "Dora Disabled", "dora@contoso.example", "de000000-0000-4000-8000-0000000000a6", "Account disabled: sign-in fails with AADSTS50057.") { Disabled = true },
        new("service", "Nightly Import", "", "de000000-0000-4000-8000-0000000000a7", "A service; no person can sign in as it.") { Roles = ["Tasks.Read"], GroupCount = 0, Service = true },
    ];

    /// <summary>Those a person can pick.</summary>
    public static IEnumerable<Persona> People => All.Where(static p => !p.Service);

    /// <summary>By <see cref="Id"/>, or null.</summary>
    public static Persona? Find(string? id) => Array.Find(All, p => p.Id == id);
}
