using Harden.Hosting.Decisions;

namespace Harden.Hosting.Tests.Decisions;

public sealed class ContainerfileTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("harden-tests-");

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [InlineData("package.json package-lock.json", "RUN npm ci && chown node .")]
    [InlineData("package.json", "RUN npm install && chown node .")]
    [InlineData("", "RUN chown node .")]
    public void NodeApp_InstallsWhatTheFolderAsksFor(string files, string expected)
    {
        Write(files);

        var text = Containerfile.For(["node", "server.js", "--verbose"], directory.FullName)!;

        Assert.Contains(expected, text.Split('\n'));
        Assert.Contains("""CMD ["node","server.js","--verbose"]""", text.Split('\n'));
        Assert.Contains("USER node", text.Split('\n'));
    }

    [Theory]
    [InlineData("requirements.txt", "RUN pip install --no-cache-dir -r requirements.txt && chown nobody .")]
    [InlineData("", "RUN chown nobody .")]
    public void PythonApp_InstallsWhatTheFolderAsksFor(string files, string expected)
    {
        Write(files);

        var text = Containerfile.For(["python3", "-m", "flask", "run"], directory.FullName)!;

        Assert.Contains(expected, text.Split('\n'));
        Assert.Contains("""CMD ["python","-m","flask","run"]""", text.Split('\n'));
    }

    [Fact]
    public void AuditLogOfARun_IsInNoLayerOfTheImage()
    {
        var text = Containerfile.For(["npm", "start"], directory.FullName)!;

        var stages = text.Split("\n\n");
        Assert.Contains("rm -rf /app/.harden ", stages[0]);
        Assert.DoesNotContain("COPY . ", stages[1]); // only what the first stage left
    }

    [Fact]
    public void OtherCommands_NeedADockerfile() => Assert.Null(Containerfile.For(["cargo", "run"], directory.FullName));

    private void Write(string files)
    {
        foreach (var file in files.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            File.WriteAllText(Path.Combine(directory.FullName, file), "");
    }
}
