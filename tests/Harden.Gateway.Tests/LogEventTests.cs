using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Harden.Gateway.Tests;

/// <summary>Operators filter and alert by event id: one id is one sentence, and its thousands say which part speaks.</summary>
public sealed class LogEventTests
{
    private static readonly Dictionary<string, int> Blocks = new()
    {
        ["Edge"] = 1, ["Identity"] = 2, ["Access"] = 3, ["RateLimits"] = 4, ["Audit"] = 5, ["Telemetry"] = 6, ["Proxy"] = 7, ["Console"] = 8, ["Configuration"] = 9, [""] = 9,
    };

    [Fact]
    public void EventIds_AreUsedOnceAndInTheirPartsBlock()
    {
        var events = typeof(RequestScope).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(static method => (Method: method, Message: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(static found => found.Message is not null)
            .Select(static found => (Part: PartOf(found.Method.DeclaringType!), found.Message!.EventId))
            .ToArray();

        Assert.NotEmpty(events);
        Assert.Empty(events.GroupBy(static e => e.EventId).Where(static same => same.Count() > 1).Select(static same => same.Key));
        Assert.All(events, static e => Assert.Equal(Blocks[e.Part], e.EventId / 1000));
    }

    private static string PartOf(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.Namespace!.Split('.') is [_, _, var part, ..] ? part : "";
    }
}
