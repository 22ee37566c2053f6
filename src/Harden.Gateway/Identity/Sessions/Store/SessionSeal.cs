using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Harden.Gateway.Identity.Sessions.Store;

/// <summary>
/// Seals what leaves this process. Inside, AES-256-GCM with a key that only the session's handle leads to and the session's name as
/// associated data: reading the store and the key ring is not enough to read a session or its tokens. Outside, the key ring's own seal,
/// bound to the name too: knowing a handle is not enough to write one. A value that was altered, or moved to another name, opens as nothing.
/// </summary>
internal sealed class SessionSeal(IDataProtectionProvider protection)
{
    private const string Purpose = "Harden.Session.v1";
    private const int Nonce = 12, Tag = 16;

    /// <summary>Seals a session.</summary>
    public byte[] Close(SessionKey key, SessionState state)
    {
        var plain = state.Write();
        var inner = new byte[Nonce + plain.Length + Tag];
        RandomNumberGenerator.Fill(inner.AsSpan(0, Nonce));
        using (var aes = new AesGcm(key.Secret, Tag))
            aes.Encrypt(inner.AsSpan(0, Nonce), plain, inner.AsSpan(Nonce, plain.Length), inner.AsSpan(Nonce + plain.Length), Name(key.Id));
        return protection.CreateProtector(Purpose, key.Id).Protect(inner);
    }

    /// <summary>Opens one; null if it is not what was sealed under this name.</summary>
    public SessionState? Open(SessionKey key, byte[]? value)
    {
        try
        {
            var inner = protection.CreateProtector(Purpose, key.Id).Unprotect(value ?? []);
            if (inner.Length < Nonce + Tag)
                return null;
            var plain = new byte[inner.Length - Nonce - Tag];
            using (var aes = new AesGcm(key.Secret, Tag))
                aes.Decrypt(inner.AsSpan(0, Nonce), inner.AsSpan(Nonce, plain.Length), inner.AsSpan(Nonce + plain.Length), plain, Name(key.Id));
            return SessionState.Read(plain);
        }
        catch (CryptographicException e) when (e.InnerException is not SessionStoreException) // a key ring that can't be read just now says nothing about the value
        {
            return null;
        }
    }

    /// <summary>Seals what an administrator may see, for whom there is no handle.</summary>
    public byte[] CloseSummary(SessionSummary summary) =>
        protection.CreateProtector(Purpose, summary.Id, "summary").Protect(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(summary, SessionJson.Default.SessionSummary));

    /// <summary>Opens it; null if it is not what was sealed under this name.</summary>
    public SessionSummary? OpenSummary(string id, byte[]? value)
    {
        try
        {
            return System.Text.Json.JsonSerializer.Deserialize(protection.CreateProtector(Purpose, id, "summary").Unprotect(value ?? []), SessionJson.Default.SessionSummary);
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or CryptographicException { InnerException: not SessionStoreException })
        {
            return null;
        }
    }

    private static byte[] Name(string id) => System.Text.Encoding.ASCII.GetBytes(id);
}
