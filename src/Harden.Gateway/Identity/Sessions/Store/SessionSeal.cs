using System.Security.Cryptography;
using System.Text.Json;
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
        return Protect(inner, Purpose, key.Id);
    }

    /// <summary>Opens one; null if it is not what was sealed under this name.</summary>
    public SessionState? Open(SessionKey key, byte[]? value)
    {
        try
        {
            var inner = Unprotect(value, Purpose, key.Id);
            if (inner.Length < Nonce + Tag)
                return null;
            var plain = new byte[inner.Length - Nonce - Tag];
            using (var aes = new AesGcm(key.Secret, Tag))
                aes.Decrypt(inner.AsSpan(0, Nonce), inner.AsSpan(Nonce, plain.Length), inner.AsSpan(Nonce + plain.Length), plain, Name(key.Id));
            return SessionState.Read(plain);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Seals what an administrator may see, for whom there is no handle.</summary>
    public byte[] CloseSummary(SessionSummary summary) =>
        Protect(JsonSerializer.SerializeToUtf8Bytes(summary, SessionJson.Default.SessionSummary), Purpose, summary.Id, "summary");

    /// <summary>Opens it; null if it is not what was sealed under this name.</summary>
    public SessionSummary? OpenSummary(string id, byte[]? value)
    {
        try
        {
            return JsonSerializer.Deserialize(Unprotect(value, Purpose, id, "summary"), SessionJson.Default.SessionSummary);
        }
        catch (Exception e) when (e is JsonException or CryptographicException)
        {
            return null;
        }
    }

    private byte[] Protect(byte[] plain, params IEnumerable<string> purposes)
    {
        try
        {
            return protection.CreateProtector(purposes).Protect(plain);
        }
        catch (CryptographicException e) when (e.InnerException is SessionStoreException inner)
        {
            throw new SessionStoreException("its keys can't be read.", inner);
        }
    }

    // A key ring that can't be read just now says nothing about the value.
    private byte[] Unprotect(byte[]? value, params IEnumerable<string> purposes)
    {
        try
        {
            return protection.CreateProtector(purposes).Unprotect(value ?? []);
        }
        catch (CryptographicException e) when (e.InnerException is SessionStoreException inner)
        {
            throw new SessionStoreException("its keys can't be read.", inner);
        }
    }

    private static byte[] Name(string id) => System.Text.Encoding.ASCII.GetBytes(id);
}
