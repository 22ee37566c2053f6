using System.Text.Json;

namespace Harden.Gateway.RateLimits;

/// <summary>What the management listener offers of the limits: the report as JSON, and the reset of one counter.</summary>
internal sealed class LimitsEndpoints(LimitsReports reports, RateLimitPolicies policies)
{
    private const int LongestName = 1024;

    /// <summary><c>GET /limits.json</c>.</summary>
    public Task ReportAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        using (var json = new Utf8JsonWriter(response.BodyWriter))
            Write(json, reports.Make());
        return response.BodyWriter.FlushAsync().AsTask();
    }

    /// <summary><c>POST /limits/reset</c> with <c>policy</c> and <c>partition</c> in the query or a form. Done for all replicas.</summary>
    public async Task ResetAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        var name = context.Request.Query["policy"].FirstOrDefault() ?? form["policy"].ToString();
        var partition = context.Request.Query["partition"].FirstOrDefault() ?? form["partition"].ToString();
        scope.Target = $"limit {name} {partition}";
        if (name.Length == 0 || partition.Length is 0 or > LongestName)
        {
            await Answer.WriteAsync(context, StatusCodes.Status400BadRequest, "Nothing was reset", "Say which: policy and partition, as the list of limits names them.");
            return;
        }
        if (policies.All.FirstOrDefault(p => p.Options.Name == name) is not { } policy)
        {
            await Answer.WriteAsync(context, StatusCodes.Status404NotFound, "Nothing was reset", $"There is no limit \"{name}\". There are {string.Join(", ", policies.All.Select(static p => p.Options.Name))}.");
            return;
        }
        var outcome = await policy.Limiter.ResetAsync(partition);
        if (outcome != ResetOutcome.Done)
        {
            await RefuseAsync(context, outcome, name, partition);
            return;
        }
        var person = Caller.IsNavigation(context.Request);
        context.Response.StatusCode = person ? StatusCodes.Status303SeeOther : StatusCodes.Status204NoContent;
        if (person)
            context.Response.Headers.Location = "/limits";
    }

    private static Task RefuseAsync(HttpContext context, ResetOutcome outcome, string policy, string partition) => outcome switch
    {
        ResetOutcome.Unknown => Answer.WriteAsync(context, StatusCodes.Status404NotFound, "Nothing was reset", $"The limit \"{policy}\" counts nothing for \"{partition}\"."),
        ResetOutcome.Running => Answer.WriteAsync(context, StatusCodes.Status409Conflict, "Nothing was reset", $"The permits of \"{policy}\" belong to requests that are running, and come back when they end."),
        _ => Answer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Reset in this replica only", "Redis can't be asked, so only this replica has forgotten what it knew. Try again when Redis is back."),
    };

    private static void Write(Utf8JsonWriter json, LimitsReport report)
    {
        json.WriteStartObject();
        json.WriteString("store"u8, report.Store);
        json.WriteStartArray("policies"u8);
        foreach (var policy in report.Policies)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, policy.Name);
            json.WriteString("kind"u8, policy.Kind);
            json.WriteString("by"u8, policy.By);
            json.WriteString("allows"u8, policy.Allows);
            json.WriteBoolean("reportOnly"u8, policy.ReportOnly);
            json.WriteNumber("partitions"u8, policy.Partitions);
            json.WriteNumber("accepted"u8, policy.Accepted);
            json.WriteNumber(policy.ReportOnly ? "wouldDeny"u8 : "denied"u8, policy.Denied);
            Write(json, "consumers"u8, policy.Consumers, policy.ReportOnly);
            Write(json, "refused"u8, policy.Refused, policy.ReportOnly);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<LimitsReport.Partition> partitions, bool reportOnly)
    {
        json.WriteStartArray(name);
        foreach (var partition in partitions)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, partition.Name);
            json.WriteNumber("used"u8, partition.Used);
            json.WriteNumber("accepted"u8, partition.Accepted);
            json.WriteNumber(reportOnly ? "wouldDeny"u8 : "denied"u8, partition.Denied);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
