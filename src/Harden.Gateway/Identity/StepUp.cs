using Microsoft.AspNetCore.Authentication;

namespace Harden.Gateway.Identity;

/// <summary>Carries what a rule demands of a sign-in to Entra and back, inside the encrypted state.</summary>
internal static class StepUp
{
    private const string AuthContext = "acrs";
    private const string MaxAge = "max_age";

    /// <summary>Names of the parameters that go to Entra; <see cref="MaxAge"/> is a <see cref="TimeSpan"/>, as the OpenID Connect handler has it.</summary>
    public const string Claims = "claims";

    /// <summary>Asks for it, and remembers what was asked.</summary>
    public static void Ask(AuthenticationProperties properties, SignInDemand demand)
    {
        properties.Items[AuthContext] = demand.AuthContext;
        properties.Items[MaxAge] = demand.Seconds;
        properties.SetParameter(Claims, demand.Claims("id_token"));
        properties.SetParameter(MaxAge, demand.MaxAge);
    }

    /// <summary>What was asked of the sign-in that has come back.</summary>
    public static SignInDemand Asked(AuthenticationProperties? properties) => properties is null ? default : new(
        properties.Items.TryGetValue(AuthContext, out var context) && context is { Length: > 0 } ? context : null,
        properties.Items.TryGetValue(MaxAge, out var age) && int.TryParse(age, out var seconds) ? TimeSpan.FromSeconds(seconds) : null);

    /// <summary>The parameters of the request to Entra.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Parameters(AuthenticationProperties properties)
    {
        yield return new(Claims, properties.GetParameter<string>(Claims));
        yield return new(MaxAge, new SignInDemand(null, properties.GetParameter<TimeSpan?>(MaxAge)).Seconds);
        yield return new("login_hint", properties.GetParameter<string>("login_hint"));
        yield return new("prompt", properties.GetParameter<string>("prompt"));
    }
}
