using System.Security.Claims;
using System.Text.Encodings.Web;
using Harden.Gateway.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Harden.Gateway.Identity;

/// <summary>
/// Sign-in with Entra where the OpenID Connect handler can't be had: the framework's OAuth handler brings state, correlation and
/// PKCE; this adds the discovered endpoints, the nonce and the id token.
/// </summary>
internal sealed class EntraHandler(
    IOptionsMonitor<EntraHandlerOptions> options, ILoggerFactory logger, UrlEncoder encoder,
    EntraMetadata metadata, EntraTokens entra, TokenValidator tokens, Live<EntraOptions> live)
    : OAuthHandler<EntraHandlerOptions>(options, logger, encoder)
{
    private OpenIdConnectConfiguration? configuration;

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        configuration = await metadata.GetAsync(Context.RequestAborted);
        await base.HandleChallengeAsync(properties);
    }

    protected override string BuildChallengeUrl(AuthenticationProperties properties, string redirectUri)
    {
        var nonce = Nonce.Make(properties); // before the state is sealed, which is what comes next
        var query = base.BuildChallengeUrl(properties, redirectUri)[Options.AuthorizationEndpoint.Length..];
        var endpoint = configuration!.AuthorizationEndpoint;
        var url = endpoint + (endpoint.Contains('?') ? "&" + query[1..] : query);
        url = QueryHelpers.AddQueryString(url, "nonce", nonce);
        return QueryHelpers.AddQueryString(url, StepUp.Parameters(properties).Where(static p => !string.IsNullOrEmpty(p.Value)));
    }

    protected override async Task<OAuthTokenResponse> ExchangeCodeAsync(OAuthCodeExchangeContext context)
    {
        var answer = await entra.AskAsync(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["redirect_uri"] = context.RedirectUri,
            ["code"] = context.Code,
            ["code_verifier"] = context.Properties.Items[OAuthConstants.CodeVerifierKey]!,
        }, Context.RequestAborted);
        return SignInEvents.Refusal(answer) is { } failure ? OAuthTokenResponse.Failed(failure) : OAuthTokenResponse.Success(answer);
    }

    protected override async Task<AuthenticationTicket> CreateTicketAsync(ClaimsIdentity identity, AuthenticationProperties properties, OAuthTokenResponse response)
    {
        var outcome = await tokens.ValidateAsync(EntraTokens.Text(response.Response!, "id_token"), [live.Current.ClientId], Context.RequestAborted);
        if (outcome.Identity is null)
            throw new AuthenticationFailureException($"The id token is not valid: {outcome.Problem}.");
        var person = new ClaimsPrincipal(outcome.Identity);
        Nonce.Check(properties, person);
        return new(person, properties, Scheme.Name);
    }
}

/// <summary>Options of <see cref="EntraHandler"/>; endpoints and credentials come from elsewhere.</summary>
internal sealed class EntraHandlerOptions : OAuthOptions
{
    // The base class demands a secret and fixed endpoints; here they are discovered, or checked by EntraOptionsValidator.
    public override void Validate() => ArgumentException.ThrowIfNullOrEmpty(ClientId);
}
