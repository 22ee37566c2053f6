using System.Security.Cryptography;

namespace Harden.Audit;

/// <summary>
/// Keeps a boot's signed checkpoint beside its segments, and, if a second place is named, a copy of each there: who can cut the log
/// can cut what lies beside it too.
/// </summary>
internal sealed class CheckpointFile(LogDirectory directory, ECDsa key, string? copy, Action<Checkpoint, string>? signed) : IDisposable
{
    private long copied = -1, told = -1;

    /// <summary>Writes the public key, so that the directory can be checked wherever it is copied to.</summary>
    public void Begin()
    {
        copied = told = -1;
        Replace(Path.Combine(directory.Path, CheckpointKey.PublicName), key.ExportSubjectPublicKeyInfoPem() + "\n");
    }

    /// <summary>Signs the present state of a boot.</summary>
    public void Write(Checkpoint checkpoint)
    {
        var note = checkpoint.Sign(key);
        Replace(Path.Combine(directory.Path, Checkpoint.FileName(checkpoint.Boot)), note);
        if (told != checkpoint.Size)
        {
            signed?.Invoke(checkpoint, note); // first: the copy's disk may fail
            told = checkpoint.Size;
        }
        if (copy is null || copied == checkpoint.Size)
            return;
        File.AppendAllText(copy, note + "\n");
        copied = checkpoint.Size;
    }

    public void Dispose() => key.Dispose();

    // A reader sees the old one or the new one, never half of one.
    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
