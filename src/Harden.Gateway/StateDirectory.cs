namespace Harden.Gateway;

/// <summary>
/// Where the gateway keeps what must survive a restart on one machine: audit log, data-protection keys. <c>StateDirectory</c> in the
/// configuration, else <c>.harden</c> beside <c>harden.json</c>. Only its owner can read it.
/// </summary>
internal sealed class StateDirectory(string root)
{
    /// <summary>A directory below the state directory, created with mode 0700 if it isn't there.</summary>
    public string Of(string name)
    {
        var path = Path.Combine(root, name);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
