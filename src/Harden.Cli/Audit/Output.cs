using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Harden.Cli.Audit;

/// <summary>Standard output in large pieces. Who closes it early, as <c>head</c> does, ends the command without a word.</summary>
internal sealed class Output : IDisposable
{
    /// <summary>Exit code of a command whose reader went away: 128 and the number of SIGPIPE.</summary>
    public const int PipeClosed = 141;

    private readonly Stream stream = Open();
    private readonly MemoryStream buffer = new();

    /// <summary>Writes a line that ends as lines do.</summary>
    public void Line(string text) => Write(text + "\n");

    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    public void Write(ReadOnlySpan<byte> bytes)
    {
        buffer.Write(bytes);
        if (buffer.Length > 64 * 1024)
            Flush();
    }

    /// <summary>Writes out what has gathered.</summary>
    public void Flush()
    {
        if (buffer.Length == 0)
            return;
        try
        {
            stream.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
            stream.Flush();
        }
        catch (IOException e)
        {
            buffer.SetLength(0);
            throw new HostProblem((e.HResult & 0xFFFF) is 32 or 109 or 232 ? "" : $"The output can't be written: {e.Message}", (e.HResult & 0xFFFF) is 32 or 109 or 232 ? PipeClosed : 74);
        }
        buffer.SetLength(0);
    }

    public void Dispose()
    {
        Flush();
        stream.Dispose();
        buffer.Dispose();
    }

    // Of a pipe not the console's own stream: that one says nothing when the pipe is closed, and millions of lines would be written to nobody. Of a file just that one: a
    // FileStream counts positions by itself, and what the next command of a script writes would stand over it.
    private static Stream Open()
    {
        if (OperatingSystem.IsWindows())
            return Console.OpenStandardOutput();
        var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
    }
}
