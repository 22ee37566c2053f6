using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Primitives;

namespace Harden.Gateway.Audit.Refusals;

/// <summary>
/// Keeps a flood of refusals from pushing everything else out of a record of bounded size. What callers without identity are refused is recorded one by one
/// up to a rate, for each address and for all together; beyond that one entry for each address and reason, every ten seconds, says how many more
/// there were. Callers who are known are never counted together, nor is anything that did something.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="write">Records a group.</param>
internal sealed class RefusalTally(TimeProvider time, Action<RefusalGroup> write) : IDisposable
{
    /// <summary>How often groups are recorded.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Most addresses that are told apart; more share one group for each reason.</summary>
    public const int MostAddresses = 256;

    private const int MostBudgets = 4096;
    private const int Burst = 10; // seconds' worth
    private const int OneOf = 10; // parts of the rate of all that one address gets

    // Of those that read what anybody may and change nothing.
    private static readonly string[] HarmlessAnswers = ["jwks", "logo", "me", "method", "no-such-endpoint", "sign-out-page"];

    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, Budget> budgets = [];
    private Dictionary<RefusalKey, RefusalGroup> groups = [];
    private Budget all;
    private ITimer? timer;

    /// <summary>True if the request is counted and needs no entry of its own.</summary>
    /// <param name="exchange">What was refused, or answered without having reached the app.</param>
    public bool Counts(Exchange exchange)
    {
        var rate = exchange.Options.RefusalsPerSecond;
        var scope = exchange.Scope;
        if (rate == 0 || scope.Subject is not null || scope.Target is not null || !IsRefusal(scope.Decision))
            return false;
        var now = time.GetTimestamp();
        var address = NetworkOf(scope.Client);
        lock (gate)
        {
            if (Spend(address, rate, Weight(scope, exchange.Context.Request), now))
                return false;
            var key = RefusalKey.Of(address, scope.Decision, exchange.Status);
            if (!groups.TryGetValue(key, out var group))
            {
                if (groups.Count >= MostAddresses)
                    key = key with { Network = UInt128.MaxValue };
                if (!groups.TryGetValue(key, out group))
                    groups[key] = group = new(time.GetUtcNow(), several: key.Network == UInt128.MaxValue);
                timer ??= time.CreateTimer(static self => ((RefusalTally)self!).Tell(), this, Interval, Interval);
            }
            group.Add(exchange);
            return true;
        }
    }

    /// <summary>Records what has been counted.</summary>
    public void Tell()
    {
        Dictionary<RefusalKey, RefusalGroup> counted;
        lock (gate)
        {
            counted = groups;
            groups = [];
            var now = time.GetTimestamp();
            foreach (var (address, budget) in budgets)
            {
                if (now - budget.At > Burst * time.TimestampFrequency) // it has all of it again
                    budgets.Remove(address);
            }
            if (counted.Count == 0)
            {
                timer?.Dispose();
                timer = null;
            }
        }
        foreach (var group in counted.Values)
            write(group);
    }

    public void Dispose()
    {
        timer?.Dispose();
        Tell();
    }

    private static bool IsRefusal(Decision decision) => decision.Action switch
    {
        DecisionAction.SignIn or DecisionAction.Deny or DecisionAction.Limit or DecisionAction.Refuse => true,
        DecisionAction.Fail => decision.Reason == IntentMiddleware.Unavailable, // else they would fill what is kept back on a full disk for the ends of what was forwarded
        DecisionAction.Answer => Array.IndexOf(HarmlessAnswers, decision.Reason) >= 0,
        _ => false,
    };

    // From the address' budget and from that of all; those for whom there is no room in the table have none.
    private bool Spend(UInt128 address, int rate, double weight, long now)
    {
        if (!budgets.TryGetValue(address, out var own) && budgets.Count >= MostBudgets)
            return false;
        var passes = own.Has(Math.Max(1, rate / OneOf), weight, now, time) & all.Has(rate, weight, now, time);
        if (passes)
        {
            own.Spend(weight);
            all.Spend(weight);
        }
        budgets[address] = own;
        return passes;
    }

    // Entries of long requests are long, and each character may take six: they count for more than one, but none for more than a burst of one address at the lowest rate.
    private static double Weight(RequestScope scope, HttpRequest request)
    {
        var headers = request.Headers;
        var length = scope.RawTarget.Length + Length(headers.UserAgent) + Length(headers.Referer) + Length(headers.Origin) + Length(headers.Accept) + Length(headers.AcceptLanguage) + Length(headers.ContentType);
        return Math.Clamp((length - 512) / 170.0, 1, Burst);

        static int Length(StringValues values) => values.Count == 0 ? 0 : values.ToString().Length;
    }

    // An IPv6 line has 2^64 addresses.
    private static UInt128 NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            address.TryWriteBytes(bytes[12..], out _);
            return BinaryPrimitives.ReadUInt128BigEndian(bytes);
        }
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private struct Budget
    {
        private double left;

        public long At { get; private set; }

        public bool Has(int rate, double weight, long now, TimeProvider time)
        {
            left = At == 0 ? rate * Burst : Math.Min(rate * Burst, left + (rate * time.GetElapsedTime(At, now).TotalSeconds));
            At = now;
            return left >= weight;
        }

        public void Spend(double weight) => left -= weight;
    }
}

/// <summary>What refusals have in common that are counted together.</summary>
internal readonly record struct RefusalKey(UInt128 Network, DecisionAction Action, string Reason, string? Rule, string? Limit, int Status)
{
    public static RefusalKey Of(UInt128 network, Decision decision, int status) => new(network, decision.Action, decision.Reason, decision.Rule, decision.Limit, status);
}
