using Harden.Gateway.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Harden.Gateway.Identity;

/// <summary>Registers sign-in by Microsoft.Identity.Web. The <c>core</c> set does it with what every package feed carries, in a file of its own.</summary>
internal static class EntraRegistration
{
    /// <summary>Adds the scheme that signs people in.</summary>
    public static void AddEntra(this AuthenticationBuilder authentication)
    {
        // Microsoft.Identity.Web would then believe what App Service puts into headers instead of signing anybody in.
        if (AppServicesAuthenticationInformation.IsAppServicesAadAuthenticationEnabled)
            throw new ConfigurationException([new("AzureAd", null, "can't be used while App Service signs people in itself (WEBSITE_AUTH_ENABLED): turn its authentication off, the gateway takes its place.", "environment variable WEBSITE_AUTH_ENABLED")]);
        // The cookie scheme is ours, so none is named here. What the section says is set below, after it has been checked.
        authentication.AddMicrosoftIdentityWebApp(static _ => { }, null, SignInEvents.Scheme, cookieScheme: null);
        // These log each callback or token that somebody made up as an error, with a stack trace; SignInEvents and the record say it in a sentence.
        authentication.Services.AddLogging(static logging => logging
            .AddFilter("Microsoft.AspNetCore.Authentication.OpenIdConnect", LogLevel.None)
            .AddFilter("Microsoft.IdentityModel.LoggingExtensions", LogLevel.None));
        authentication.Services.AddOptions<MicrosoftIdentityOptions>(SignInEvents.Scheme).Configure<Live<EntraOptions>>(static (options, live) =>
        {
            options.Instance = live.Current.Instance.ToString();
            options.TenantId = live.Current.TenantId;
            options.ClientId = live.Current.ClientId;
        });
        authentication.Services.AddOptions<OpenIdConnectOptions>(SignInEvents.Scheme)
            .Configure<SignInEvents, EntraMetadata, EntraTokens, TokenValidator, Live<SessionOptions>>(Configure);
    }

    private static void Configure(OpenIdConnectOptions options, SignInEvents events, EntraMetadata metadata, EntraTokens entra, TokenValidator tokens, Live<SessionOptions> sessions)
    {
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = OpenIdConnectResponseMode.Query; // a top-level GET, so that the Lax cookies come along
        options.UsePkce = true;
        options.PushedAuthorizationBehavior = PushedAuthorizationBehavior.Disable; // it would need the credential too, and Entra has none
        options.DisableTelemetry = true;
        options.Scope.Add("email");
        if (sessions.Current.RenewAfter > TimeSpan.Zero)
            options.Scope.Add("offline_access");
        options.SaveTokens = true; // the session takes the refresh token from there; nothing else keeps them
        options.ConfigurationManager = new Metadata(metadata);
        options.TokenHandler = new IdTokens(tokens);
        options.ProtocolValidator = new NonceInState { RequireNonce = false, RequireStateValidation = false };
        options.Events = new() // in place of Microsoft.Identity.Web's own, which only add parameters that Entra doesn't need, the person's address among them
        {
            // The handler knows prompt and max_age by itself.
            OnRedirectToIdentityProvider = static context =>
            {
                context.ProtocolMessage.Nonce = Nonce.Make(context.Properties);
                if (context.Properties.GetParameter<string>(StepUp.Claims) is { } claims)
                    context.ProtocolMessage.SetParameter(StepUp.Claims, claims);
                if (context.Properties.GetParameter<string>("login_hint") is { Length: > 0 } hint)
                    context.ProtocolMessage.LoginHint = hint;
                return Task.CompletedTask;
            },
            // The handler itself knows only secrets, and takes an Entra that is down for a person's mistake.
            OnAuthorizationCodeReceived = async context =>
            {
                var answer = await entra.AskAsync(context.TokenEndpointRequest!.Parameters, context.HttpContext.RequestAborted);
                if (SignInEvents.Refusal(answer) is { } failure)
                    throw failure;
                context.HandleCodeRedemption(new OpenIdConnectMessage(answer.RootElement.GetRawText()));
            },
            OnTokenValidated = static context =>
            {
                Nonce.Check(context.Properties, context.Principal);
                return Task.CompletedTask;
            },
        };
        events.Apply(options);
    }

    /// <summary>One source of metadata for sign-in, API callers and sign-out.</summary>
    private sealed class Metadata(EntraMetadata metadata) : IConfigurationManager<OpenIdConnectConfiguration>
    {
        public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel) => await metadata.GetAsync(cancel);

        public void RequestRefresh()
        {
            // TokenValidator has asked for it already.
        }
    }

    /// <summary>The nonce is where the core set has it, see <see cref="Nonce"/>, and so is its check.</summary>
    private sealed class NonceInState : OpenIdConnectProtocolValidator
    {
        protected override void ValidateNonce(OpenIdConnectProtocolValidationContext validationContext)
        {
        }
    }

    /// <summary>One judge of tokens for sign-in, API callers and renewal.</summary>
    private sealed class IdTokens(TokenValidator tokens) : TokenHandler
    {
        public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
        {
            var outcome = await tokens.ValidateAsync(token, [validationParameters.ValidAudience], default);
            return outcome.Identity is null
                ? new() { Exception = new SecurityTokenValidationException($"The id token is not valid: {outcome.Problem}.") }
                : new() { IsValid = true, ClaimsIdentity = outcome.Identity, SecurityToken = new JsonWebToken(token) };
        }
    }
}
