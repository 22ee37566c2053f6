using Harden.Gateway.Configuration;
using Harden.Gateway.Identity.ApiKeys;
using Harden.Gateway.Identity.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Harden.Gateway.Identity;

/// <summary>Adds sign-in.</summary>
internal static class IdentityStage
{
    /// <summary>Adds sections <c>AzureAd</c>, <c>Session</c> and <c>ApiKeys</c>.</summary>
    public static WebApplicationBuilder AddIdentity(this WebApplicationBuilder builder)
    {
        var development = builder.Environment.IsDevelopment();
        builder.AddSection<EntraOptions>("AzureAd", (options, problems) => EntraOptionsValidator.Validate(options, problems, development));
        builder.AddSection<ApiKeysOptions>("ApiKeys", ApiKeysOptionsValidator.Validate);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<EntraMetadata>();
        builder.Services.AddSingleton<ClientCredential>();
        builder.Services.AddSingleton<EntraTokens>();
        builder.Services.AddSingleton<TokenValidator>();
        builder.Services.AddSingleton<BearerTokens>();
        builder.Services.AddSingleton<ApiKeyRing>();
        builder.Services.AddSingleton<ApiKeyCallers>();
        builder.Services.AddSingleton<SignInEvents>();
        builder.AddSessions();
        builder.Services.AddAuthentication()
            .AddScheme<AuthenticationSchemeOptions, SessionHandler>(SessionHandler.SchemeName, configureOptions: null)
            .AddEntra();
        return builder;
    }

    /// <summary>Finds out who asks.</summary>
    public static void UseIdentity(this IApplicationBuilder app)
    {
        // WebApplication puts authentication and authorization in front of everything, the edge included, unless it believes they are
        // there already: the callback would then be handled unseen by edge, audit and limits.
        app.Properties["__AuthenticationMiddlewareSet"] = true;
        app.Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseMiddleware<IdentityMiddleware>();
    }

    /// <summary>Maps <c>/.harden/signin</c> and its relatives.</summary>
    public static IEndpointRouteBuilder MapSignIn(this IEndpointRouteBuilder harden)
    {
        harden.MapGet(ReservedPrefix.Path + "/signin", SignInEndpoints.SignInAsync);
        harden.MapGet(EntraOptionsValidator.CallbackPath, SignInEndpoints.CallbackAsync);
        harden.MapPost(ReservedPrefix.Path + "/signout", SignOutEndpoints.SignOutAsync);
        harden.MapGet(ReservedPrefix.Path + "/signout", SignOutEndpoints.PageAsync);
        harden.MapGet(ReservedPrefix.Path + "/signout/frontchannel", SignOutEndpoints.FrontChannelAsync);
        harden.MapGet(ReservedPrefix.Path + "/me", SignInEndpoints.MeAsync);
        return harden;
    }
}
