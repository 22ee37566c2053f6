namespace Harden.Benchmarks;

/// <summary>Options of a mode: <c>--name value</c>, each of which may be given more than once.</summary>
internal sealed class Arguments
{
    private readonly List<(string Name, string Value)> given = [];

    public Arguments(string[] args)
    {
        for (var i = 0; i < args.Length; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length)
                throw new ArgumentException($"\"{args[i]}\" is not an option with a value, such as --seconds 3.");
            given.Add((args[i][2..], args[i + 1]));
        }
    }

    public int Number(string name, int otherwise) => All(name) is [.., var value] ? int.Parse(value) : otherwise;

    public string[] List(string name, params string[] otherwise) =>
        All(name) is [.., var value] ? value.Split(',', StringSplitOptions.RemoveEmptyEntries) : otherwise;

    public string[] All(string name) => [.. given.Where(g => g.Name == name).Select(static g => g.Value)];
}
