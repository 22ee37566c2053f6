namespace Harden.AppHost.Tests;

/// <summary>What a run of this engine needs on its command line to share a machine with others.</summary>
internal static class EngineArguments
{
    public static string[] OfARun() => [];

    public static Dictionary<string, string> Environment => [];
}
