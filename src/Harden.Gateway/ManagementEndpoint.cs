namespace Harden.Gateway;

/// <summary>
/// An address of the management listener that a stage answers itself. Registered in the container, so that the console can offer it
/// without knowing the stage. Whoever gets here may: reading needs a console role, everything else an administrator.
/// </summary>
/// <param name="Method">HTTP method; one that answers GET answers HEAD too.</param>
/// <param name="Path">The normalised path; with a slash at its end it stands for everything below.</param>
/// <param name="Handle">Answers. Says in <see cref="RequestScope.Target"/> what it acted on.</param>
internal sealed record ManagementEndpoint(string Method, string Path, Func<HttpContext, Task> Handle)
{
    /// <summary>True if it answers this method at this path.</summary>
    public bool Answers(string method, string path) =>
        (Method == method || (HttpMethods.IsHead(method) && HttpMethods.IsGet(Method))) && Owns(path);

    /// <summary>True if the path is its own, whatever the method.</summary>
    public bool Owns(string path) => Path.EndsWith('/') ? path.StartsWith(Path, StringComparison.Ordinal) && path.Length > Path.Length : path == Path;
}
