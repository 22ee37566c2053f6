namespace Harden.Cli.Children;

/// <summary>A program to start and to keep running.</summary>
/// <param name="Name">What its lines are prefixed with.</param>
/// <param name="Command">The program's full path and its arguments.</param>
/// <param name="Directory">Its working directory.</param>
/// <param name="Environment">Variables on top of this process's own; null removes one.</param>
internal sealed record ChildSpec(string Name, IReadOnlyList<string> Command, string Directory, IReadOnlyDictionary<string, string?> Environment)
{
    /// <summary>Its lines are shown only when it has ended unasked.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>What it is called in a sentence.</summary>
    public string Title { get => field ?? Name; init; }

    /// <summary>What it must have done to count as started, such as "it listened on port 3000".</summary>
    public string Aim { get; init; } = "it was ready";

    /// <summary>What may be wrong if it doesn't start, as a sentence; empty if nothing is known.</summary>
    public string Hint { get; init; } = "";
}
