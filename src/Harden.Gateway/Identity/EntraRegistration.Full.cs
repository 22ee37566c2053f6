using Harden.Gateway.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using OpenIdConnectOptions = Microsoft.AspNetCore.Authentication.OpenIdConnect.OpenIdConnectOptions;

namespace Harden.Gateway.Identity;

/// <summary>Registers sign-in by Microsoft.Identity.Web. The <c>core</c> set does it with what every package feed carries, in a file of its own.</summary>
internal static class EntraRegistration
{
    /// <summary>Adds the scheme that signs people in.</summary>
    public static void AddEntra(this AuthenticationBuilder authentication)
    {
        authentication.Services.AddSingleton<ClientCredential>();
        // The cookie scheme is ours, so none is named here. The section is bound below, after it has been checked.
        authentication.AddMicrosoftIdentityWebApp(static _ => { }, null, SignInEvents.Scheme, cookieScheme: null);
        authentication.Services.AddOptions<MicrosoftIdentityOptions>(SignInEvents.Scheme).Configure<Live<EntraOptions>>(static (options, live) =>
        {
            options.Instance = live.Current.Instance!.ToString();
            options.TenantId = live.Current.TenantId;
            options.ClientId = live.Current.ClientId;
            options.ResponseType = OpenIdConnectResponseType.Code;
            options.RequireHttpsMetadata = live.Current.Instance.Scheme == "https";
        });
        authentication.Services.AddOptions<OpenIdConnectOptions>(SignInEvents.Scheme)
            .Configure<SignInEvents, EntraMetadata, TokenValidator, ClientCredential, Live<SessionOptions>>(Configure);
    }

    private static void Configure(OpenIdConnectOptions options, SignInEvents events, EntraMetadata metadata, TokenValidator tokens, ClientCredential credential, Live<SessionOptions> sessions)
    {
        options.ResponseMode = OpenIdConnectResponseMode.Query; // a top-level GET, so that the Lax cookies come along
        options.UsePkce = true;
        options.MapInboundClaims = false;
        options.Scope.Add("email");
        if (sessions.Current.RenewAfter > TimeSpan.Zero)
            options.Scope.Add("offline_access");
        options.SaveTokens = true; // the session takes the refresh token from there; nothing else keeps them
        options.ConfigurationManager = new Metadata(metadata);
        options.TokenValidationParameters.ValidAlgorithms = TokenValidator.Algorithms;
        options.TokenValidationParameters.ClockSkew = tokens.Skew;
        options.TokenValidationParameters.IssuerValidator = (issuer, token, _) => tokens.ValidateIssuer(issuer, (JsonWebToken)token, metadata.Known!.Issuer);
        options.NonceCookie = new()
        {
            Name = SignInEvents.NoncePrefix,
            Path = "/",
            HttpOnly = true,
            SecurePolicy = CookieSecurePolicy.Always,
            SameSite = SameSiteMode.Lax,
            IsEssential = true,
        };
        events.Apply(options);
        // It knows prompt and max_age by itself.
        var redirect = options.Events.OnRedirectToIdentityProvider;
        options.Events.OnRedirectToIdentityProvider = async context =>
        {
            await redirect(context);
            if (context.Properties.GetParameter<string>(StepUp.Claims) is { } claims)
                context.ProtocolMessage.SetParameter(StepUp.Claims, claims);
            if (context.Properties.GetParameter<string>("login_hint") is { Length: > 0 } hint)
                context.ProtocolMessage.LoginHint = hint;
        };
        // The handler itself knows only secrets; certificates and federated credentials are added to what it is about to send.
        options.Events.OnAuthorizationCodeReceived = async context =>
        {
            var form = new Dictionary<string, string>();
            var known = await metadata.GetAsync(context.HttpContext.RequestAborted);
            await credential.AddToAsync(form, known.TokenEndpoint, context.HttpContext.RequestAborted);
            foreach (var (name, value) in form)
                context.TokenEndpointRequest!.SetParameter(name, value);
        };
    }

    /// <summary>One source of metadata for sign-in, API callers and sign-out.</summary>
    private sealed class Metadata(EntraMetadata metadata) : IConfigurationManager<OpenIdConnectConfiguration>
    {
        private volatile bool stale;

        public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
        {
            if (!stale)
                return await metadata.GetAsync(cancel);
            stale = false;
            return await metadata.RefreshAsync(cancel);
        }

        public void RequestRefresh() => stale = true;
    }
}
