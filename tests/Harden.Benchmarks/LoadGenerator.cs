using System.Diagnostics;
using System.Net.Sockets;

namespace Harden.Benchmarks;

/// <summary>
/// Sends one request over and over on a number of connections, and checks every answer. Without a rate each connection sends as soon
/// as it has its answer. With a rate requests have a timetable, and latency counts from there: a server that stalls can't hide
/// the requests it kept from being sent.
/// </summary>
internal sealed class LoadGenerator : IDisposable
{
    private readonly Workload workload;
    private readonly byte[] request;
    private readonly ClientConnection[] connections;
    private readonly Poll.Descriptor[] descriptors;
    private readonly Dictionary<string, int> wrong = [];
    private readonly List<long> latencies = new(1 << 20);

    public LoadGenerator(int port, int count, Workload workload, string headers)
    {
        this.workload = workload;
        request = workload.Request(port, headers);
        connections = [.. Enumerable.Range(0, count).Select(_ => new ClientConnection(port, workload.Handshake(port, headers)))];
        descriptors = [.. connections.Select(static c => new Poll.Descriptor(c.File))];
    }

    /// <summary>Runs for a time, then waits up to 5 s for the last answers.</summary>
    /// <param name="length">How long requests are sent.</param>
    /// <param name="rate">Requests a second, or 0 for as many as are answered.</param>
    public LoadResult Run(TimeSpan length, int rate)
    {
        latencies.Clear();
        wrong.Clear();
        var start = Stopwatch.GetTimestamp();
        var stop = start + (long)(length.TotalSeconds * Stopwatch.Frequency);
        var next = start;
        var idle = new Queue<int>(Enumerable.Range(0, connections.Length));
        while (true)
        {
            var now = Stopwatch.GetTimestamp();
            while (idle.Count > 0 && now < stop && (rate == 0 || next <= now))
            {
                Send(idle.Dequeue(), rate == 0 ? now : next, idle);
                if (rate > 0)
                    next += Stopwatch.Frequency / rate;
            }
            if (now >= stop && (idle.Count == connections.Length || now > stop + (5 * Stopwatch.Frequency)))
                break;
            var due = now >= stop ? stop + (5 * Stopwatch.Frequency) : rate > 0 && idle.Count > 0 ? next : stop;
            if (Poll.Wait(descriptors, Stopwatch.GetElapsedTime(now, Math.Max(now, due))) > 0)
                Collect(idle);
        }
        for (var unanswered = connections.Length - idle.Count; unanswered > 0; unanswered--)
            Count("no answer");
        return new(latencies, Stopwatch.GetElapsedTime(start, stop), new(wrong));
    }

    public void Dispose()
    {
        foreach (var connection in connections)
            connection.Dispose();
    }

    private void Collect(Queue<int> idle)
    {
        for (var i = 0; i < descriptors.Length; i++)
        {
            if (descriptors[i].Ready == 0)
                continue;
            var connection = connections[i];
            var since = connection.Since;
            try
            {
                if (!connection.Receive())
                    continue;
                latencies.Add(Stopwatch.GetTimestamp() - since);
                if (connection.Status != workload.Status)
                    Count($"status {connection.Status}");
                else if (workload.Length >= 0 && connection.Length != workload.Length)
                    Count($"length {connection.Length}");
                idle.Enqueue(i);
            }
            catch (SocketException e)
            {
                Restart(i, e, idle);
            }
        }
    }

    private void Send(int i, long since, Queue<int> idle)
    {
        try
        {
            connections[i].Send(request, since);
        }
        catch (SocketException e)
        {
            Restart(i, e, idle);
        }
    }

    private void Restart(int i, SocketException e, Queue<int> idle)
    {
        Count(e.SocketErrorCode.ToString());
        connections[i].Reconnect();
        descriptors[i] = new(connections[i].File);
        idle.Enqueue(i);
    }

    private void Count(string what) => wrong[what] = wrong.GetValueOrDefault(what) + 1;
}

/// <summary>What one run of the generator saw.</summary>
internal sealed class LoadResult(List<long> latencies, TimeSpan length, Dictionary<string, int> wrong)
{
    private readonly long[] sorted = [.. latencies.Order()];

    /// <summary>Answers.</summary>
    public int Answers => sorted.Length;

    public double PerSecond => sorted.Length / length.TotalSeconds;

    /// <summary>What was not the expected answer, counted by kind.</summary>
    public IReadOnlyDictionary<string, int> Wrong { get; } = wrong;

    /// <summary>A quantile of the latency, in microseconds.</summary>
    public double Quantile(double q) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(q * sorted.Length))] * 1e6 / Stopwatch.Frequency;
}
