using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;

namespace Harden.Gateway.Identity;

/// <summary>
/// Binds the id token to the sign-in that asked for it, so that a token stolen elsewhere can't be injected here. It travels in the encrypted state,
/// which the correlation cookie binds to the browser: no cookie of its own has to be kept, dropped and counted.
/// </summary>
internal static class Nonce
{
    private const string Name = "nonce";

    /// <summary>Makes one for a sign-in that begins.</summary>
    public static string Make(AuthenticationProperties properties) => properties.Items[Name] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Checks the token of one that comes back.</summary>
    /// <exception cref="AuthenticationFailureException">The token is another sign-in's.</exception>
    public static void Check(AuthenticationProperties? properties, ClaimsPrincipal? token)
    {
        var sent = properties is not null && properties.Items.TryGetValue(Name, out var nonce) ? nonce! : "";
        if (sent.Length == 0 || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(token?.FindFirst(Name)?.Value ?? "")))
            throw new AuthenticationFailureException("The id token is not valid: nonce.");
    }
}
