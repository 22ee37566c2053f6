using System.Security.Cryptography;
using System.Text;

namespace Harden.Audit;

/// <summary>
/// Keeps a boot's signed checkpoint beside its segments, and, if a second place is named, a copy of each there: who can cut the log
/// can cut what lies beside it too.
/// </summary>
internal sealed class CheckpointFile(LogDirectory directory, ECDsa key, CheckpointCopy? copy, Action<Checkpoint, string>? signed) : IDisposable
{
    private long written = -1;

    /// <summary>Writes the public key, so that the directory can be checked wherever it is copied to.</summary>
    public void Begin()
    {
        written = -1;
        Replace(Path.Combine(directory.Path, CheckpointKey.PublicName), key.ExportSubjectPublicKeyInfoPem() + "\n");
    }

    /// <summary>Signs the present state of a boot.</summary>
    public void Write(Checkpoint checkpoint)
    {
        var note = checkpoint.Sign(key);
        if (written != checkpoint.Size)
        {
            signed?.Invoke(checkpoint, note);
            copy?.Keep(note);
        }
        Replace(Path.Combine(directory.Path, Checkpoint.FileName(checkpoint.Boot)), note);
        written = checkpoint.Size;
    }

    /// <summary>What is wrong with the second place; empty if nothing is.</summary>
    public string Trouble => copy?.Trouble ?? "";

    public void Dispose()
    {
        copy?.Dispose();
        key.Dispose();
    }

    // A reader sees the old one or the new one, never half of one; a power cut leaves one of them too, and not a name without content, which would read as altered.
    private static void Replace(string path, string text)
    {
        using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            Disk.Sync(file.SafeFileHandle);
        }
        File.Move(path + ".new", path, overwrite: true);
    }
}
