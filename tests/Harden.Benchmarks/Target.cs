namespace Harden.Benchmarks;

/// <summary>One thing to measure: bare YARP, or the gateway in one configuration.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Title">Its name in the table.</param>
/// <param name="Settings">Environment of the process: configuration and runtime knobs. <c>dll</c> names another build of the gateway.</param>
/// <param name="Status">The status it answers with.</param>
/// <param name="SignedIn">Requests carry a session.</param>
/// <param name="Surrounded">It has a Redis for its limits and a collector for its traces.</param>
/// <param name="Redis">It has a Redis for its limits.</param>
/// <param name="ByToken">It is an access token of 1.8 KB, signed with RS256, that requests carry instead of a session.</param>
internal sealed record Target(
    string Name, string Title, Dictionary<string, string> Settings, int Status = 200, bool SignedIn = false, bool Surrounded = false, bool Redis = false, bool ByToken = false)
{
    /// <summary>The name of what all others are compared with.</summary>
    public const string Baseline = "yarp";

    // The built-in limits stop one address at 100 requests a second, as they should; here one address is all there is.
    private static readonly (string, string)[] Off = [("Access__Default", "Anonymous"), ("RateLimits__Defaults", "false"), ("Audit__Guarantee", "Buffered")];
    private static readonly (string, string)[] SignedInOnly = [("Access__Default", "SignedIn")];
    private static readonly (string, string)[] Limits = [.. Policy(0, "Address", 10_000_000, "00:00:01"), .. Policy(1, "Subject", 10_000_000, "00:00:01")];
    private static readonly (string, string)[] Strict = [("Audit__Guarantee", "Strict")];
    private static readonly (string, string)[] NoRecord = [("Audit__Rules__0__Level", "None"), ("Audit__Rules__0__Reason", "To measure what a record costs.")];
    private static readonly (string, string)[] Bodies = [("Audit__Rules__0__Level", "RequestResponse"), ("Audit__Rules__0__Bodies__JsonPointers__0", "/customers/*/id"), ("Audit__Rules__0__Bodies__JsonPointers__1", "/customers/*/name")];
    private static readonly (string, string)[] WholeBodies = [("Audit__Rules__0__Level", "RequestResponse"), ("Audit__Rules__0__Bodies__JsonPointers__0", "/**")];
    private static readonly (string, string)[] Exhausted = Policy(0, "Address", 1, "1.00:00:00");

    public static Target[] All { get; } =
    [
        new(Baseline, "bare YARP", []),
        new("open", "gateway, anonymous, no limits, Buffered audit", Of(Off)),
        new("limits", "+ two limits in memory", Of(Off, Limits)),
        new("limits-redis", "the same two limits in Redis", Of(Off, Limits), Redis: true),
        new("session", "+ session", Of(Off, Limits, SignedInOnly), SignedIn: true),
        new("jwt", "the same with an access token of 1.8 KB (RS256)", Of(Off, Limits, SignedInOnly), SignedIn: true, ByToken: true),
        new("strict", "+ Strict audit", Of(Off, Limits, SignedInOnly, Strict), SignedIn: true),
        new("full", "+ limits in Redis, traces exported", Of(Off, Limits, SignedInOnly, Strict), SignedIn: true, Surrounded: true),
        new("unrecorded", "anonymous, no limits, no record", Of(Off, NoRecord)),
        new("metadata", "+ record of metadata, Strict", Of(Off, Strict)),
        new("bodies", "+ both bodies, named values kept", Of(Off, Strict, Bodies)),
        new("whole-bodies", "+ both bodies, all values kept", Of(Off, Strict, WholeBodies)),
        new("401", "refused 401, Strict audit", Of(Off, SignedInOnly, Strict), 401),
        new("429", "refused 429, Strict audit", Of(Off, Exhausted, Strict), 429),
    ];

    /// <summary>The targets by name, with variants such as <c>nospin=open;DOTNET_gcServer=0</c> after them.</summary>
    public static Target[] Select(string[] names, string[] variants) => [.. names.Select(Named), .. variants.Select(Variant)];

    private static Target Named(string name) =>
        Array.Find(All, t => t.Name == name) ?? throw new ArgumentException($"\"{name}\" is not a target. They are {string.Join(", ", All.Select(static t => t.Name))}.");

    private static Target Variant(string text)
    {
        var parts = text.Split(';');
        if (parts[0].Split('=') is not [var name, var from])
            throw new ArgumentException($"\"{text}\" is not a variant, such as \"nospin=open;DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0\".");
        var settings = new Dictionary<string, string>(Named(from).Settings);
        foreach (var part in parts[1..])
            settings[part[..part.IndexOf('=')]] = part[(part.IndexOf('=') + 1)..];
        return Named(from) with { Name = name, Title = name, Settings = settings };
    }

    private static (string, string)[] Policy(int index, string by, int permits, string window) =>
    [
        ($"RateLimits__Policies__{index}__Name", $"by-{by}"), ($"RateLimits__Policies__{index}__By__0", by),
        ($"RateLimits__Policies__{index}__Permits", $"{permits}"), ($"RateLimits__Policies__{index}__Window", window),
    ];

    private static Dictionary<string, string> Of(params ReadOnlySpan<(string Key, string Value)[]> groups)
    {
        var settings = new Dictionary<string, string>();
        foreach (var group in groups)
        {
            foreach (var (key, value) in group)
                settings[key] = value;
        }
        return settings;
    }
}
