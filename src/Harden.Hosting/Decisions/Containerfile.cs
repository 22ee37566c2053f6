using System.Text.Json;

namespace Harden.Hosting.Decisions;

/// <summary>The Dockerfile of an app that has none, for commands of Node.js and Python. Small on purpose: who needs more writes a Dockerfile, which is then used instead.</summary>
internal static class Containerfile
{
    private const string Node = "node:24-slim", Python = "python:3.13-slim";

    /// <summary>The text; null if nothing is known about the command.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="directory">The folder of the app, which is the build context.</param>
    public static string? For(string[] command, string directory)
    {
        bool Has(string file) => File.Exists(Path.Combine(directory, file));
        return command switch
        {
            ["node", ..] or ["npm", "start", ..] or ["npm", "run", ..] => Text(Node, command, "node", !Has("package.json") ? null : Has("package-lock.json") ? "npm ci" : "npm install"),
            ["python" or "python3", .. var rest] => Text(Python, ["python", .. rest], "nobody", Has("requirements.txt") ? "pip install --no-cache-dir -r requirements.txt" : null),
            _ => null,
        };
    }

    // Two stages, so that what a run on this machine left in the folder (the audit log, its keys, packages built for another system) is in no layer of the image.
    private static string Text(string image, string[] command, string user, string? install) => $"""
        FROM {image} AS source
        COPY . /app
        RUN rm -rf /app/.harden /app/.git /app/.env /app/node_modules /app/.venv /app/__pycache__

        FROM {image}
        WORKDIR /app
        COPY --from=source --chown={user} /app .
        RUN {(install is null ? "" : $"{install} && ")}chown {user} .
        USER {user}
        CMD {JsonSerializer.Serialize(command)}

        """;
}
