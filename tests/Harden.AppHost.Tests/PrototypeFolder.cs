namespace Harden.AppHost.Tests;

/// <summary>A folder with a prototype in Node.js, started the way people start them: npm, which starts a shell, which starts node.</summary>
internal sealed class PrototypeFolder : IDisposable
{
    private const string Server = """
        const http = require('http');
        http.createServer((request, response) => {
          if (request.url === '/crash') process.exit(7);
          response.end(`hello from ${process.pid}`);
        }).listen(process.env.PORT, 'localhost', () => console.log('listening'));
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("harden-test-app-");

    public PrototypeFolder(string prototype = """{ "Command": ["npm", "start"] }""", string server = Server, string access = """{ "Default": "Anonymous" }""")
    {
        Write("harden.json", $$"""{ "Prototype": {{prototype}}, "Access": {{access}} }""");
        Write("package.json", """{ "name": "app", "version": "1.0.0", "scripts": { "start": "node server.js" } }""");
        Write("server.js", server);
    }

    public string Path => folder.FullName;

    public void Write(string file, string text) => File.WriteAllText(System.IO.Path.Combine(Path, file), text);

    public void Dispose() => folder.Delete(recursive: true);
}
