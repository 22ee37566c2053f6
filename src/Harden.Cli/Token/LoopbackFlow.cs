using System.Buffers.Text;
using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Harden.Cli.Token;

/// <summary>
/// Sign-in in the browser of this machine (RFC 8252): authorization code with PKCE, the code arriving at a port that is open for this
/// one sign-in. State ties the answer to the question, and who overhears the code lacks the verifier.
/// </summary>
internal sealed class LoopbackFlow(EntraClient entra, TextWriter messages, bool openBrowser)
{
    /// <summary>Sends the person to sign-in and waits until they come back.</summary>
    /// <exception cref="HostProblem">Declined or refused.</exception>
    public async Task<TokenAnswer> RunAsync(CancellationToken cancel)
    {
        var state = Secret();
        var verifier = Secret();
        await using var callback = await Callback.ListenAsync(state, cancel);
        var address = QueryHelpers.AddQueryString(entra.AuthorizationEndpoint, new Dictionary<string, string?>
        {
            ["client_id"] = entra.Request.ClientId,
            ["response_type"] = "code",
            ["response_mode"] = "query",
            ["redirect_uri"] = callback.RedirectUri,
            ["scope"] = "openid " + entra.Request.Scope,
            ["state"] = state,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
        });
        await messages.WriteLineAsync($"Sign in at: {address}");
        if (openBrowser)
            Open(address);
        var answer = await callback.Answer.WaitAsync(cancel);
        if (answer.Failure is not null)
            throw answer.Failure.ToProblem(entra.Request);
        var (token, failure) = await entra.RedeemAsync(cancel, ("grant_type", "authorization_code"), ("code", answer.Code!), ("redirect_uri", callback.RedirectUri), ("code_verifier", verifier), ("scope", "openid " + entra.Request.Scope));
        return token ?? throw failure!.ToProblem(entra.Request);
    }

    private static string Secret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    // The address has been printed: a machine without a browser is no error.
    private static void Open(string address)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Process.Start(new ProcessStartInfo(address) { UseShellExecute = true })?.Dispose();
            else if (OperatingSystem.IsMacOS())
                Process.Start("open", [address]).Dispose();
            else if (Environment.GetEnvironmentVariable("DISPLAY") is { Length: > 0 } || Environment.GetEnvironmentVariable("WAYLAND_DISPLAY") is { Length: > 0 })
                Process.Start(new ProcessStartInfo("xdg-open", [address]) { RedirectStandardOutput = true, RedirectStandardError = true })?.Dispose(); // what it says is not the token
        }
        catch (Win32Exception)
        {
            // No such program.
        }
    }
}
