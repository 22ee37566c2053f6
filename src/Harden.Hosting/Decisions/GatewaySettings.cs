using Harden.Gateway;
using Microsoft.Extensions.Configuration;

namespace Harden.Hosting.Decisions;

/// <summary>The gateway's configuration as the gateway will read it: harden.json, its user secrets, the environment, what the AppHost itself decides.</summary>
/// <param name="All">Everything set.</param>
/// <param name="InFile">What harden.json alone says.</param>
/// <param name="File">Full path of harden.json; null if there is none.</param>
/// <param name="Directory">Where it is or would be.</param>
/// <param name="Decided">What the AppHost decides, by key: stronger than everything else.</param>
internal sealed record GatewaySettings(IConfiguration All, IConfiguration InFile, string? File, string Directory, IReadOnlyDictionary<string, string> Decided)
{
    /// <summary>Reads it.</summary>
    /// <param name="path">Path of a harden.json or of its folder.</param>
    /// <param name="mustExist">True if its absence is a mistake.</param>
    /// <param name="decided">What the AppHost decides; null for nothing.</param>
    /// <exception cref="InvalidOperationException">The file is not there or not JSON.</exception>
    public static GatewaySettings Read(string path, bool mustExist, IReadOnlyDictionary<string, string>? decided = null)
    {
        var file = System.IO.Directory.Exists(path) ? Path.Combine(path, "harden.json") : path;
        var exists = System.IO.File.Exists(file);
        if (mustExist && !exists)
            throw new InvalidOperationException($"There is no {file}. Give the path of a harden.json or of the folder it is in.");
        try
        {
            var inFile = new ConfigurationBuilder().AddJsonFile(file, optional: true).Build();
            decided ??= new Dictionary<string, string>();
            var all = new ConfigurationBuilder().AddConfiguration(inFile).AddUserSecrets("harden-gateway").AddEnvironmentVariables()
                .AddInMemoryCollection(decided.Select(static setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();
            return new(all, inFile, exists ? file : null, Path.GetDirectoryName(file)!, decided);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidOperationException($"{file} is not valid JSON: {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    /// <summary>True if a Microsoft Entra application is named, so that DevEntra is not needed.</summary>
    public bool HasEntra => IsSet("AzureAd:ClientId") || IsSet("AzureAd:TenantId");

    /// <summary>True if a value is set.</summary>
    public bool IsSet(string key) => !string.IsNullOrEmpty(All[key]);

    /// <summary>The configured address of a listener; null if none is, or if it can't be read, which the gateway then reports.</summary>
    /// <param name="key"><c>Edge:Listen</c>, <c>Console:Listen</c> or <c>DevEntra:Listen</c>.</param>
    public ListenAddress? Listen(string key) => (All[key] ?? All[key + ":0"]) is { Length: > 0 } text ? ListenAddress.TryParse(text) : null;

    /// <summary>Section <c>Prototype</c>. What can't be read is the gateway's to report, together with everything else.</summary>
    public PrototypeOptions Prototype => All.GetSection("Prototype").Get<PrototypeOptions>() ?? new();

    /// <summary>harden.json as environment variables: how it reaches a gateway in a container, where the file is not.</summary>
    public IEnumerable<KeyValuePair<string, string>> Environment =>
        from setting in InFile.AsEnumerable()
        where !string.IsNullOrEmpty(setting.Value) && !setting.Key.StartsWith("Prototype:Command", StringComparison.OrdinalIgnoreCase)
        orderby setting.Key
        select KeyValuePair.Create(setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value);
}
