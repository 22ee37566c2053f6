namespace Harden.Audit.Tests.Infrastructure;

/// <summary>Lays a read-only view of a directory over the directory, so that it is read-only for root too. Files that are open stay as they were.</summary>
internal sealed class ReadOnlyMount : IDisposable
{
    private readonly string path;

    public ReadOnlyMount(string path)
    {
        this.path = path;
        SmallDisk.Mount("--bind", path, path);
        SmallDisk.Mount("-o", "remount,bind,ro", path);
    }

    public void Dispose() => SmallDisk.Unmount(path);
}
