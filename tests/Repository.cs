namespace Harden;

/// <summary>The repository that the tests are built in.</summary>
internal static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Harden.sln")))
                return at.FullName;
        }
        throw new InvalidOperationException($"The repository's root was not found above {AppContext.BaseDirectory}.");
    }
}
