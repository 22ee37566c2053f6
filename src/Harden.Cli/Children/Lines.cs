using System.Text;

namespace Harden.Cli.Children;

/// <summary>Cuts a child's output into lines and remembers the last ones. A line without end is cut, so memory stays bounded.</summary>
internal sealed class Lines(Action<string> write)
{
    private const int Longest = 16 * 1024, Kept = 12;

    private readonly Queue<string> last = new();

    /// <summary>The last lines, oldest first.</summary>
    public string[] Last
    {
        get
        {
            lock (last)
                return [.. last];
        }
    }

    /// <summary>Forgets the lines of an earlier run.</summary>
    public void Clear()
    {
        lock (last)
            last.Clear();
    }

    /// <summary>Reads until the output ends.</summary>
    public async Task PumpAsync(TextReader reader)
    {
        var buffer = new char[4096];
        var line = new StringBuilder();
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            foreach (var c in buffer.AsMemory(0, read).ToArray())
            {
                if (c != '\n')
                    line.Append(c);
                if (c == '\n' || line.Length >= Longest)
                    Emit(line);
            }
        }
        if (line.Length > 0)
            Emit(line);
    }

    private void Emit(StringBuilder line)
    {
        var text = line.ToString().TrimEnd('\r');
        line.Clear();
        lock (last)
        {
            if (last.Count == Kept)
                last.Dequeue();
            last.Enqueue(text);
        }
        write(text);
    }
}
