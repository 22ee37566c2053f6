using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Harden.Cli;

/// <summary>What is wrong with a command line, in a sentence each, where the parser speaks of its own types or of what follows from another mistake.</summary>
internal static partial class UsageProblem
{
    public static IEnumerable<string> Sentences(IReadOnlyList<ParseError> errors)
    {
        var all = errors.Select(static e => Sentence(e.Message)).Distinct().ToArray();
        // A mistyped verb is also a missing one.
        return all.Length > 1 ? all.Where(static s => !s.StartsWith("Required command", StringComparison.Ordinal)) : all;
    }

    private static string Sentence(string message)
    {
        if (WrongType().Match(message) is { Success: true } wrong)
            return $"{wrong.Groups["option"].Value} is \"{wrong.Groups["value"].Value}\", which is not {Kind(wrong.Groups["type"].Value)}.";
        if (Unknown().Match(message) is { Success: true } unknown)
            return $"\"{unknown.Groups["word"].Value}\" is not known here. --help lists what is.";
        return OneLine().Replace(message.Trim(), " ");
    }

    private static string Kind(string type) => type switch
    {
        "System.Int32" or "System.Int64" => "a whole number",
        _ when type.Contains("TimeSpan", StringComparison.Ordinal) => "a duration such as 00:10:00",
        _ => "possible",
    };

    [GeneratedRegex("^Cannot parse argument '(?<value>.*)' for option '(?<option>[^']+)' as expected type '(?<type>[^']+)'")]
    private static partial Regex WrongType();

    [GeneratedRegex("^Unrecognized command or argument '(?<word>.*)'\\.")]
    private static partial Regex Unknown();

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex OneLine();
}
