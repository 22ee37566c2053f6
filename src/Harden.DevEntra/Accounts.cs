using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Harden.DevEntra;

/// <summary>What an administrator of the directory changes about people while they are signed in: disables an account, gives or takes roles.</summary>
internal sealed class Accounts
{
    private readonly ConcurrentDictionary<string, Persona> changed = new(StringComparer.Ordinal);

    /// <summary>The persona as it is now.</summary>
    public Persona Of(Persona persona) => changed.GetValueOrDefault(persona.Id, persona);

    /// <summary>Changes one, and says what it is then; null with what is wrong.</summary>
    public Persona? Change(IFormCollection form, out string mend)
    {
        if (Persona.Find(form["persona"]) is not { } persona)
        {
            mend = $"persona: one of {string.Join(", ", Persona.All.Select(static p => p.Id))}.";
            return null;
        }
        mend = form["disabled"].ToString() is "" or "true" or "false" ? "" : "disabled: true or false.";
        if (mend.Length > 0)
            return null;
        var now = Of(persona);
        return changed[persona.Id] = now with
        {
            Disabled = form["disabled"].ToString() is { Length: > 0 } disabled ? disabled == "true" : now.Disabled,
            Roles = form.ContainsKey("roles") ? form["roles"].ToString().Split([',', ' '], StringSplitOptions.RemoveEmptyEntries) : now.Roles,
        };
    }

    /// <summary>As <c>POST /dev/accounts</c> says it.</summary>
    public static JsonObject Json(Persona persona) => new()
    {
        ["persona"] = persona.Id,
        ["disabled"] = persona.Disabled,
        ["roles"] = new JsonArray([.. persona.Roles.Select(static JsonNode? (role) => JsonValue.Create(role))]),
    };
}
