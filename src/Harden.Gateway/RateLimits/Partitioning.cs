using System.Security.Cryptography;
using System.Text;

namespace Harden.Gateway.RateLimits;

/// <summary>Finds the owner of a request's counter under one policy.</summary>
internal sealed class Partitioning(RateLimitPolicyOptions options)
{
    private const int LongestValue = 64;

    private readonly PartitionBy[] by = options.ByOrDefault;
    private readonly bool subject = options.ByOrDefault.Contains(PartitionBy.Subject);
    private readonly bool tenant = options.ByOrDefault.Contains(PartitionBy.Tenant);
    private readonly bool apiKey = options.ByOrDefault.Contains(PartitionBy.ApiKey);
    private readonly bool address = options.ByOrDefault.Contains(PartitionBy.Address);
    private readonly bool route = options.ByOrDefault.Contains(PartitionBy.Route);
    private readonly string? header = options.Header;

    /// <summary>True if the policy can, and so does, judge before anybody knows who asks.</summary>
    public bool BeforeIdentity => address && !subject && !tenant && !apiKey;

    /// <summary>True if both give every request the same owner, so that one's counters are the other's.</summary>
    public bool Same(Partitioning other) => by.Order().SequenceEqual(other.by.Order()) && string.Equals(header, other.header, StringComparison.OrdinalIgnoreCase);

    /// <summary>The owner; null if the policy doesn't concern this caller.</summary>
    /// <param name="request">The request.</param>
    /// <param name="scope">What is known of it.</param>
    /// <param name="pattern">The path pattern that fits; null if none is named.</param>
    public PartitionKey? Of(HttpRequest request, RequestScope scope, string? pattern)
    {
        var who = scope.Subject switch
        {
            null => null,
            { Scheme: not "apikey" } when apiKey => null,
            { } known => subject || apiKey ? known.Key : tenant ? known.Tenant : null,
        };
        if (who is null && apiKey)
            return null;
        var network = address || (who is null && (subject || tenant)) ? PartitionKey.NetworkOf(scope.Client) : 0;
        return new(who, network, route ? pattern ?? "" : null, header is { Length: > 0 } ? Value(request.Headers[header].ToString()) : null);
    }

    // Names are shown, stored and logged: what could be a secret goes by its hash.
    private static string Value(string sent)
    {
        if (sent.Length <= LongestValue && SecretShape.Of(sent) is null && !sent.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return sent;
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sent)).AsSpan(0, 16));
    }
}
