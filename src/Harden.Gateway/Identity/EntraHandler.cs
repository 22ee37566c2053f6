using System.Buffers.Text;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
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
    EntraMetadata metadata, TokenValidator tokens, ClientCredential credential, Live<EntraOptions> live)
    : OAuthHandler<EntraHandlerOptions>(options, logger, encoder)
{
    private const string Nonce = "nonce";

    private OpenIdConnectConfiguration? configuration;

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        configuration = await metadata.GetAsync(Context.RequestAborted);
        properties.Items[Nonce] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await base.HandleChallengeAsync(properties);
    }

    protected override string BuildChallengeUrl(AuthenticationProperties properties, string redirectUri)
    {
        var query = base.BuildChallengeUrl(properties, redirectUri)[Options.AuthorizationEndpoint.Length..];
        var endpoint = configuration!.AuthorizationEndpoint;
        var url = endpoint + (endpoint.Contains('?') ? "&" + query[1..] : query);
        url = QueryHelpers.AddQueryString(url, Nonce, properties.Items[Nonce]!);
        return QueryHelpers.AddQueryString(url, StepUp.Parameters(properties).Where(static p => !string.IsNullOrEmpty(p.Value)));
    }

    protected override async Task<OAuthTokenResponse> ExchangeCodeAsync(OAuthCodeExchangeContext context)
    {
        configuration = await metadata.GetAsync(Context.RequestAborted);
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["client_id"] = live.Current.ClientId,
            ["redirect_uri"] = context.RedirectUri,
            ["code"] = context.Code,
            ["code_verifier"] = context.Properties.Items[OAuthConstants.CodeVerifierKey]!,
        };
        await credential.AddToAsync(form, configuration.TokenEndpoint, Context.RequestAborted);
        try
        {
            using var body = new FormUrlEncodedContent(form);
            using var response = await Backchannel.PostAsync(configuration.TokenEndpoint, body, Context.RequestAborted);
            if (response.StatusCode >= HttpStatusCode.InternalServerError)
                throw new EntraUnavailableException(configuration.TokenEndpoint, null);
            return Read(JsonDocument.Parse(await response.Content.ReadAsStringAsync(Context.RequestAborted)));
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or TaskCanceledException && !Context.RequestAborted.IsCancellationRequested)
        {
            throw new EntraUnavailableException(configuration.TokenEndpoint, e);
        }
    }

    private static OAuthTokenResponse Read(JsonDocument answer)
    {
        if (!answer.RootElement.TryGetProperty("error", out var error))
            return OAuthTokenResponse.Success(answer);
        var failure = new AuthenticationFailureException("Entra did not redeem the code.");
        failure.Data["error"] = error.GetString();
        failure.Data["error_description"] = answer.RootElement.TryGetProperty("error_description", out var text) ? text.GetString() : null;
        return OAuthTokenResponse.Failed(failure);
    }

    protected override async Task<AuthenticationTicket> CreateTicketAsync(ClaimsIdentity identity, AuthenticationProperties properties, OAuthTokenResponse response)
    {
        var token = response.Response!.RootElement.TryGetProperty("id_token", out var value) ? value.GetString() : null;
        var outcome = await tokens.ValidateAsync(token ?? "", [live.Current.ClientId], Context.RequestAborted);
        if (outcome.Identity is null)
            throw new AuthenticationFailureException($"The id token is not valid: {outcome.Problem}.");
        // The nonce binds the token to this sign-in, so that a token stolen elsewhere can't be injected here.
        var sent = properties.Items.TryGetValue(Nonce, out var nonce) ? nonce! : "";
        var received = outcome.Identity.FindFirst(Nonce)?.Value ?? "";
        if (sent.Length == 0 || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(received)))
            throw new AuthenticationFailureException("The id token is not valid: nonce.");
        return new(new(outcome.Identity), properties, Scheme.Name);
    }
}

/// <summary>Options of <see cref="EntraHandler"/>; endpoints and credentials come from elsewhere.</summary>
internal sealed class EntraHandlerOptions : OAuthOptions
{
    // The base class demands a secret and fixed endpoints; here they are discovered, or checked by EntraOptionsValidator.
    public override void Validate() => ArgumentException.ThrowIfNullOrEmpty(ClientId);
}
