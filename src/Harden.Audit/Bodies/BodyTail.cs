using Microsoft.Win32.SafeHandles;

namespace Harden.Audit.Bodies;

/// <summary>
/// After a crash a bodies file may end in half a frame. No entry names it, because bodies are durable before their entry is written; it is
/// moved to a file beside it, like a torn line.
/// </summary>
internal static class BodyTail
{
    private const long Recent = 8 * 1024 * 1024; // what one flush may have left behind, many times over; older frames were made durable

    /// <summary>Repairs the bodies of the last segment.</summary>
    /// <returns>How many bytes were moved, and where to; null if the file is whole or there is none.</returns>
    public static (long Bytes, string File)? Run(string directory, SegmentFile last)
    {
        var path = Path.Combine(directory, last.BodiesName);
        if (!File.Exists(path))
            return null;
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var whole = WholeLength(file.SafeFileHandle, file.Length);
        return whole == file.Length ? null : TailRepair.MoveAside(file, whole, directory, last.BodiesName);
    }

    private static long WholeLength(SafeFileHandle file, long length)
    {
        var head = new byte[BodyFrame.Head];
        long at = 0;
        while (at < length)
        {
            if (RandomAccess.Read(file, head, at) < head.Length || BodyFrame.LengthOf(head) is not (> 0 and var frame) || frame > length - at)
                return at;
            if (at > length - Recent && !(BodyReader.ReadFrame(file, at) is { } bytes && BodyFrame.IsWhole(bytes)))
                return at;
            at += frame;
        }
        return at;
    }
}
