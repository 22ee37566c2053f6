using Harden.Gateway.Configuration;
using Microsoft.Extensions.Configuration;

namespace Harden.Cli.Run;

/// <summary>The configuration as the gateway will read it: harden.json, user secrets, environment.</summary>
/// <param name="Configuration">Everything set.</param>
/// <param name="File">Full path of harden.json; null if there is none.</param>
/// <param name="Directory">Where harden.json is or would be.</param>
internal sealed record Settings(IConfiguration Configuration, string? File, string Directory)
{
    /// <summary>Reads the configuration of a run.</summary>
    /// <param name="path">Path of harden.json or of its directory; null for the one in the working directory.</param>
    /// <exception cref="HostProblem">The file is not there or not JSON.</exception>
    public static Settings Read(string? path)
    {
        path ??= Environment.GetEnvironmentVariable("HARDEN_CONFIG");
        var file = Path.GetFullPath(path ?? "harden.json");
        if (System.IO.Directory.Exists(file))
            file = Path.Combine(file, "harden.json");
        var exists = System.IO.File.Exists(file);
        if (path is not null && !exists)
            throw new HostProblem($"There is no {file}. Give the path of a harden.json or of the folder it is in.", ConfigurationException.ExitCode);
        try
        {
            var builder = ConfigurationStage.CreateBuilder(exists ? ["--config", file, "--environment", "Development"] : ["--environment", "Development"]);
            return new(builder.Configuration, exists ? file : null, Path.GetDirectoryName(file)!);
        }
        catch (ConfigurationException e)
        {
            throw new HostProblem(e.Message, ConfigurationException.ExitCode);
        }
    }

    /// <summary>The value of a key; null if it is not set.</summary>
    public string? this[string key] => Configuration[key] is { Length: > 0 } value ? value : null;

    /// <summary>True if anything is set below the key.</summary>
    public bool Has(string key) => Configuration.GetSection(key).Exists();

    /// <summary>Where the gateway keeps its state.</summary>
    public string StateDirectory => Path.GetFullPath(this["StateDirectory"] ?? ".harden", Directory);
}
