using System.Reflection;
using System.Text;

namespace Harden.Cli.Run;

/// <summary>What runs where, and why, once everything is up.</summary>
internal sealed class Banner(RunPlan plan)
{
    private const int Label = 11, Value = 34;

    /// <summary>An address of this machine under which the prototype can be reached past Harden; null if there is none.</summary>
    public string? Exposed { get; init; }

    /// <summary>Where Aspire's dashboard is, with its token; null if the built-in host runs everything.</summary>
    public Uri? Dashboard { get; init; }

    /// <summary>Whether the gateway has found everything it needs.</summary>
    public bool IsSettled { get; init; }

    /// <summary>Harden's version, without build metadata.</summary>
    public static string Version => typeof(Banner).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <inheritdoc />
    public override string ToString()
    {
        var (settings, identity, redis, gateway, prototype) = plan;
        var text = new StringBuilder().AppendLine().AppendLine($"  Harden {Version}: {prototype.Name} is {(IsSettled ? "up, behind sign-in" : "behind sign-in, but not up yet")}.").AppendLine();
        void Row(string label, string value, string why) => text.AppendLine($"  {label,-Label} {value,-Value} {(value.Length > Value ? " " : "")}{why}".TrimEnd());

        Row("App", Shown(gateway.App.Url), gateway.AnySignedIn ? "any signed-in user may use it, because there is no harden.json" : "who may do what: Access in harden.json");
        Row("Console", Shown(gateway.Console.Url), "records and health, for the roles Harden.Reviewer and Harden.Admin");
        if (Dashboard is not null)
            Row("Dashboard", Dashboard.ToString(), "Aspire's: output, traces and metrics of every part");
        Row("Prototype", Shown(prototype.Address), prototype.Start is null ? "runs already; Harden did not start it" : $"{prototype.Shown}, in {Relative(prototype.Start.Directory)}");
        if (identity.DevEntra is { } entra)
            Row("Identity", $"DevEntra {Shown(entra.Url)}", "a local stand-in, because AzureAd is not configured");
        else
            Row("Identity", "Microsoft Entra ID", $"AzureAd is configured: tenant {identity.Tenant}");
        Row("Redis", redis.Where, redis.Why);
        Row("Audit log", Relative(Path.Combine(settings.StateDirectory, "audit")), "");
        Row("Packages", PackageSet, OtherSet);
        text.AppendLine();
        if (Exposed is not null)
            text.AppendLine($"  Note: the prototype also listens on {Exposed}:{prototype.Address.Port}, so others on that network reach it without signing in.").AppendLine("  Have it listen on localhost alone, or keep a firewall in front of it.").AppendLine();
        if (!IsSettled)
            text.AppendLine($"  Note: the gateway is not ready yet{(prototype.Start is null ? $"; does anything run at {Shown(prototype.Address)}?" : ", see its lines above.")}").AppendLine();
        return text.Append("  Ctrl+C stops everything.").AppendLine().ToString();
    }

    private static string PackageSet =>
        typeof(Banner).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(static data => data.Key == "Harden.PackageSet").Value!;

    private string OtherSet => (PackageSet, Dashboard) switch
    {
        ("core", _) => "the built-in host; with Aspire and its dashboard: dotnet run --project Harden.AppHost -p:PackageSet=full",
        (_, null) => "the built-in host, with Microsoft.Identity.Web; without: PackageSet=core",
        _ => "with Aspire and Microsoft.Identity.Web; without: dotnet run --project Harden.AppHost -p:PackageSet=core",
    };

    private static string Shown(Uri url) => url.GetLeftPart(UriPartial.Authority);

    private static string Relative(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
