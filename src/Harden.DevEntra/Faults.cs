using System.Globalization;
using System.Text.Json.Nodes;

namespace Harden.DevEntra;

/// <summary>What goes wrong on demand, so that what Entra does once a year can be seen on a laptop today.</summary>
internal sealed class Faults(TimeProvider time)
{
    /// <summary>The endpoints that can be slow or fail, by the word that names them.</summary>
    public static readonly string[] Endpoints = ["discovery", "keys", "authorize", "token", "devicecode", "logout"];

    private readonly Lock gate = new();
    private FaultSet current = FaultSet.None;

    /// <summary>What is set.</summary>
    public FaultSet Current => Volatile.Read(ref current);

    /// <summary>Sets it, in place of what was set before.</summary>
    public void Set(FaultSet next) => Volatile.Write(ref current, next);

    /// <summary>Answers in the endpoint's place, or late, if that is set.</summary>
    public async Task ApplyAsync(HttpContext context, RequestDelegate next)
    {
        var set = Take(EndpointOf(context.Request.Path));
        if (set.Slow > TimeSpan.Zero)
            await Task.Delay(set.Slow, time, context.RequestAborted);
        if (set.Status == 0)
            await next(context);
        else
            await Problem.WriteAsync(context, set.Status, set.Error.Length > 0 ? set.Error : set.Status == 429 ? "temporarily_unavailable" : "server_error", "AADSTS90033: A transient error has occurred. Please try again. (DevEntra was told to: /dev/faults.)");
    }

    // The set that applies now; one less is left of it.
    private FaultSet Take(string? endpoint)
    {
        if (endpoint is null)
            return FaultSet.None;
        lock (gate)
        {
            var set = current;
            if ((set.Slow == TimeSpan.Zero && set.Status == 0) || (set.On.Length > 0 && !set.On.Contains(endpoint)))
                return FaultSet.None;
            if (set.Times > 0)
                current = set.Times == 1 ? set with { Slow = TimeSpan.Zero, Status = 0, Error = "", Times = 0 } : set with { Times = set.Times - 1 };
            return set;
        }
    }

    private static string? EndpointOf(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        [.., ".well-known", "openid-configuration"] => "discovery",
        [_, "discovery", .., "keys"] => "keys",
        [_, "oauth2", "v2.0", var name] when Endpoints.Contains(name) => name,
        _ => null,
    };
}

/// <summary>The faults in force.</summary>
/// <param name="On">Endpoints that are slow or fail; empty for all of them.</param>
/// <param name="Slow">How much later they answer.</param>
/// <param name="Status">What they answer instead; 0 for the truth.</param>
/// <param name="Times">How many requests meet this; 0 for all until it is changed.</param>
/// <param name="Token">What is wrong with the tokens issued: one of <see cref="Tokens"/>; empty for nothing.</param>
internal sealed record FaultSet(string[] On, TimeSpan Slow, int Status, int Times, string Token)
{
    /// <summary>All is well.</summary>
    public static readonly FaultSet None = new([], TimeSpan.Zero, 0, 0, "");

    /// <summary>OAuth error that goes with <see cref="Status"/>, such as <c>invalid_grant</c>; empty for one that fits the status.</summary>
    public string Error { get; init; } = "";

    /// <summary>What can be wrong with a token.</summary>
    public static readonly string[] Tokens = ["wrong-audience", "wrong-issuer", "wrong-tenant", "expired", "not-yet-valid", "wrong-nonce", "unknown-kid", "bad-signature"];

    /// <summary>Reads a form or query; on a mistake says which.</summary>
    public static FaultSet? Read(Func<string, IEnumerable<string?>> field, out string mend)
    {
        string One(string name) => field(name).LastOrDefault()?.Trim() ?? "";
        var on = field("on").SelectMany(static o => (o ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)).Distinct().ToArray();
        var error = One("error");
        var (slow, status, times, token) = (Number(One("slow"), 600), Number(One("status"), 599), Number(One("times"), 1_000_000), One("token"));
        mend = Array.Find(on, static o => !Faults.Endpoints.Contains(o)) is { } unknown ? $"on={unknown}: the endpoints are {string.Join(", ", Faults.Endpoints)}."
            : slow is null ? "slow: seconds, from 0 to 600."
            : status is null or (not 0 and < 400) ? "status: an HTTP status from 400 to 599, or 0 for the truth."
            : times is null ? "times: how many requests, or 0 for all."
            : error.Length > 40 || error.Any(static c => !char.IsAsciiLetterLower(c) && c != '_') || (error.Length > 0 && status == 0) ? "error: an OAuth error such as invalid_grant, together with a status such as 400."
            : token.Length > 0 && !Tokens.Contains(token) ? $"token: one of {string.Join(", ", Tokens)}, or nothing."
            : "";
        return mend.Length > 0 ? null : new(on, TimeSpan.FromSeconds(slow!.Value), (int)status!.Value, (int)times!.Value, token) { Error = error };
    }

    /// <summary>Spoils the claims of a token as is set.</summary>
    /// <returns>What else is wrong with it, for its signature.</returns>
    public string Spoil(JsonObject claims, long now)
    {
        switch (Token)
        {
            case "wrong-audience": claims["aud"] = "00000003-0000-0000-c000-000000000000"; break;
            case "wrong-issuer": claims["iss"] = "https://login.example/" + claims["tid"]!.GetValue<string>() + "/v2.0"; break;
            case "wrong-tenant": claims["tid"] = "de000000-0000-4000-8000-00000000dead"; break;
            case "expired": (claims["iat"], claims["nbf"], claims["exp"]) = (now - 7200, now - 7200, now - 3600); break;
            case "not-yet-valid": (claims["nbf"], claims["exp"]) = (now + 3600, now + 7200); break;
            case "wrong-nonce" when claims.ContainsKey("nonce"): claims["nonce"] = "of somebody else"; break;
        }
        return Token;
    }

    /// <summary>As <c>GET /dev/faults</c> says it.</summary>
    public JsonObject ToJson() => new()
    {
        ["on"] = new JsonArray([.. On.Select(static JsonNode? (o) => JsonValue.Create(o))]),
        ["slow"] = Slow.TotalSeconds,
        ["status"] = Status,
        ["error"] = Error,
        ["times"] = Times,
        ["token"] = Token,
    };

    private static double? Number(string text, double most) =>
        text.Length == 0 ? 0 : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= most ? value : null;
}
