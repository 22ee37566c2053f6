using Harden.Gateway.Configuration;
using Microsoft.AspNetCore.Authentication;

namespace Harden.Gateway.Identity;

/// <summary>Registers sign-in with what every package feed carries. The <c>full</c> set has Microsoft.Identity.Web do it, in a file of its own.</summary>
internal static class EntraRegistration
{
    /// <summary>Adds the scheme that signs people in.</summary>
    public static void AddEntra(this AuthenticationBuilder authentication)
    {
        authentication.AddOAuth<EntraHandlerOptions, EntraHandler>(SignInEvents.Scheme, static _ => { });
        authentication.Services.AddOptions<EntraHandlerOptions>(SignInEvents.Scheme).Configure<Live<EntraOptions>, Live<SessionOptions>, SignInEvents>(static (options, live, sessions, events) =>
        {
            options.ClientId = live.Current.ClientId;
            options.AuthorizationEndpoint = "https://discovered.invalid/";
            options.UsePkce = true;
            options.Scope.Add("openid");
            options.Scope.Add("profile");
            options.Scope.Add("email");
            if (sessions.Current.RenewAfter > TimeSpan.Zero)
                options.Scope.Add("offline_access");
            options.SaveTokens = true; // the session takes the refresh token from there; nothing else keeps them
            events.Apply(options);
        });
    }
}
