namespace Harden.Gateway;

/// <summary>
/// Where the gateway keeps what must survive a restart on one machine: audit log, data-protection keys. <c>StateDirectory</c> in the
/// configuration, else <c>.harden</c> beside <c>harden.json</c>. Only its owner can read it.
/// </summary>
internal sealed class StateDirectory(string root)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>A directory below the state directory: created with mode 0700, or closed to everyone else if it is there already.</summary>
    public string Of(string name)
    {
        var path = Path.Combine(root, name);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else if (Directory.CreateDirectory(path, Owner) is var directory && (directory.UnixFileMode & ~Owner) != 0)
            Close(directory);
        return path;
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void Close(DirectoryInfo directory)
    {
        try
        {
            directory.UnixFileMode &= Owner;
        }
        catch (UnauthorizedAccessException)
        {
            // Somebody else's directory, such as a mounted volume: its owner says who may look into it.
        }
    }
}
