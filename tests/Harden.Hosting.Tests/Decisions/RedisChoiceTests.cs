using Harden.Hosting.Decisions;

namespace Harden.Hosting.Tests.Decisions;

public class RedisChoiceTests
{
    [Theory]
    [InlineData(true, true, true, "docker", "/bin/redis-server", nameof(RedisKind.Configured))]
    [InlineData(false, true, true, "docker", "/bin/redis-server", nameof(RedisKind.GatewayConfigured))]
    [InlineData(false, false, true, null, null, nameof(RedisKind.Container))]
    [InlineData(false, false, false, "podman", "/bin/redis-server", nameof(RedisKind.Container))]
    [InlineData(false, false, false, null, "/bin/redis-server", nameof(RedisKind.Server))]
    [InlineData(false, false, false, null, null, nameof(RedisKind.None))]
    public void WhatThereIs_DecidesInOrderOfPreference(bool configured, bool gateway, bool publishing, string? runtime, string? server, string expected) =>
        Assert.Equal(expected, RedisChoice.Make(configured, gateway, publishing, () => runtime, () => server).Kind.ToString());

    [Fact]
    public void ConfiguredRedis_AsksNobodyElse() => RedisChoice.Make(true, false, false,
        static () => throw new InvalidOperationException("asked for a container runtime"), static () => throw new InvalidOperationException("asked for redis-server"));

    [Fact]
    public void Publishing_DoesNotAskForARuntimeOfThisMachine() =>
        RedisChoice.Make(false, false, true, static () => throw new InvalidOperationException("asked for a container runtime"), static () => null);
}
