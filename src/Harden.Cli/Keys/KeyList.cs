using System.Globalization;
using System.Text.Json.Nodes;
using Harden.Cli.Run;
using Harden.Gateway.Access;
using Harden.Gateway.Configuration;
using Harden.Gateway.Identity.ApiKeys;
using Microsoft.Extensions.Configuration;

namespace Harden.Cli.Keys;

/// <summary>A configured key as the commands show it.</summary>
internal sealed record ListedKey(string Name, DateTimeOffset Expires, bool Revoked, IReadOnlyList<string> Rules)
{
    /// <summary>How it stands, in a word.</summary>
    public string State(DateTimeOffset now) => Revoked ? "revoked" : Expires <= now ? "expired" : "good";

    /// <summary>What somebody should look after, a sentence each.</summary>
    public IEnumerable<string> Complaints(DateTimeOffset now, DateTimeOffset soon)
    {
        if (Revoked)
            yield break;
        if (Expires <= now)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Name} expired {Expires:yyyy-MM-dd}. Take it out, or make another with harden key create.");
        else if (Expires <= soon)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Name} expires {Expires:yyyy-MM-dd}, in {(Expires - now).TotalDays:0} days. Make another with harden key create.");
        if (Rules.Count == 0)
            yield return $"{Name} opens nothing: no access rule has it in its Keys.";
    }
}

/// <summary>Reads the keys of a configuration.</summary>
internal static class KeyList
{
    /// <summary>All of them, in order.</summary>
    /// <exception cref="HostProblem">The section can't be read.</exception>
    public static IReadOnlyList<ListedKey> Read(Settings settings)
    {
        try
        {
            var keys = settings.Configuration.GetSection("ApiKeys").Get<ApiKeysOptions>() ?? new();
            var access = settings.Configuration.GetSection("Access").Get<AccessOptions>() ?? new();
            return [.. keys.Keys.Select(key => new ListedKey(key.Name, key.Expires ?? DateTimeOffset.MinValue, key.Revoked,
                [.. access.Rules.Select(static (rule, index) => (rule, Name: AccessRule.NameOf(rule, index))).Where(r => r.rule.Keys.Contains(key.Name, StringComparer.Ordinal)).Select(static r => r.Name)]))];
        }
        catch (InvalidOperationException)
        {
            throw new HostProblem("The configuration has mistakes. harden config check names them.", ConfigurationException.ExitCode);
        }
    }

    /// <summary>Throws if the gateway would not accept the entry.</summary>
    /// <exception cref="HostProblem">What is wrong with it.</exception>
    public static void Refuse(JsonObject entry)
    {
        var root = new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(
            new JsonObject { ["ApiKeys"] = new JsonObject { ["Keys"] = new JsonArray(entry.DeepClone()) } }.ToJsonString()))).Build();
        var check = new HardenConfiguration(root, null);
        check.Add<ApiKeysOptions>("ApiKeys", ApiKeysOptionsValidator.Validate, foreignKeys: false);
        try
        {
            check.Load();
        }
        catch (ConfigurationException e)
        {
            throw new HostProblem(string.Join('\n', e.Problems.Select(static p => $"The key's {p.Key.Split(':')[3]} {p.Mend}")));
        }
    }
}
