using System.Globalization;

namespace Harden.AppHost.Tests;

/// <summary>What a run of this engine needs on its command line to share a machine with others.</summary>
internal static class EngineArguments
{
    public static string[] OfARun() => ["--dashboard-port", FreePorts.One().ToString(CultureInfo.InvariantCulture)];

    /// <summary>No container runtime, whatever the machine has: these tests are about the redis-server on PATH.</summary>
    public static Dictionary<string, string> Environment => new() { ["ASPIRE_CONTAINER_RUNTIME"] = "docker", ["DOCKER_HOST"] = "unix:///nowhere/docker.sock" };
}
