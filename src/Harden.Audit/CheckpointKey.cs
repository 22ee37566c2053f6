using System.Security.Cryptography;

namespace Harden.Audit;

/// <summary>The key that signs checkpoints: ECDSA P-256 in PEM.</summary>
internal static class CheckpointKey
{
    /// <summary>The public key's file in the log's directory.</summary>
    public const string PublicName = "checkpoint.pub.pem";

    /// <summary>Reads the private key, or creates it readable by its owner only.</summary>
    /// <exception cref="AuditLogException">The file holds no such key.</exception>
    public static ECDsa Open(string path)
    {
        if (!File.Exists(path))
            Create(path);
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            if (key.KeySize != 256)
                throw new CryptographicException("not P-256");
            key.SignHash(new byte[32]); // a public key alone would only fail at the first checkpoint
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new AuditLogException($"{path} is not a private ECDSA P-256 key in PEM. Create one with: openssl ecparam -name prime256v1 -genkey -noout");
        }
    }

    /// <summary>Reads a public key; null if the file holds none.</summary>
    public static ECDsa? TryOpenPublic(string path)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            return null;
        }
    }

    private static void Create(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        using var writer = new StreamWriter(file);
        writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
    }
}
