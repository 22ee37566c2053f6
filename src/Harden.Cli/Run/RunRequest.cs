namespace Harden.Cli.Run;

/// <summary>What the command line of <c>harden run</c> says.</summary>
internal sealed record RunRequest
{
    /// <summary>Path of harden.json; null for the one in the working directory, if there is one.</summary>
    public string? Config { get; init; }

    /// <summary>The command that starts the prototype; empty for the one in harden.json.</summary>
    public string[] Command { get; init; } = [];

    /// <summary>Where a prototype that already runs listens.</summary>
    public Uri? Address { get; init; }

    /// <summary>Port of the app; 0 takes a free one, null the configured or default one.</summary>
    public int? Port { get; init; }

    /// <summary>Port of the console.</summary>
    public int? ConsolePort { get; init; }

    /// <summary>Port of DevEntra.</summary>
    public int? EntraPort { get; init; }
}
