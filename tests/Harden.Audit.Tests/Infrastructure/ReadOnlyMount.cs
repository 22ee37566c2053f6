namespace Harden.Audit.Tests.Infrastructure;

/// <summary>Lays a read-only view of a directory over the directory, so that it is read-only for root too. Files that are open stay as they were.</summary>
internal sealed class ReadOnlyMount : IDisposable
{
    private readonly string path;
    private readonly DirectoryInfo view = Directory.CreateTempSubdirectory("harden-view-");

    public ReadOnlyMount(string path)
    {
        this.path = path;
        SmallDisk.Mount("--bind", path, view.FullName); // beside it first: where somebody writes, a mount can't be made read-only
        SmallDisk.Mount("-o", "remount,bind,ro", view.FullName);
        SmallDisk.Mount("--bind", view.FullName, path);
    }

    public void Dispose()
    {
        SmallDisk.Unmount(path);
        SmallDisk.Unmount(view.FullName);
        view.Delete();
    }
}
