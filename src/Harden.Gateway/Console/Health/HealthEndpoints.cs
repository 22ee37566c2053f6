using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Harden.Gateway.Console.Health;

/// <summary>Health for machines: one word for everyone on the app's listener, details on the management listener.</summary>
internal static class HealthEndpoints
{
    /// <summary>200 as long as the process answers.</summary>
    public static Task LiveAsync(HttpContext context) => WordAsync(context, StatusCodes.Status200OK, "live\n");

    /// <summary>200 if requests may be sent, else 503. Says no more, because anyone can ask.</summary>
    public static async Task ReadyAsync(HttpContext context)
    {
        var ready = await context.RequestServices.GetRequiredService<HealthProbe>().IsReadyAsync();
        await WordAsync(context, ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, ready ? "ready\n" : "not ready\n");
    }

    /// <summary>Every check as JSON; 503 if one is unhealthy.</summary>
    public static async Task DetailsAsync(HttpContext context, HealthProbe probe)
    {
        var report = await probe.ReportAsync();
        var response = context.Response;
        response.StatusCode = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        using (var json = new Utf8JsonWriter(response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteString("status"u8, report.Status.ToString());
            json.WriteStartArray("checks"u8);
            foreach (var (name, entry) in report.Entries)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, name);
                json.WriteString("status"u8, entry.Status.ToString());
                json.WriteBoolean("ready"u8, entry.Tags.Contains(HealthProbe.ReadyTag));
                json.WriteString("description"u8, entry.Description);
                json.WriteNumber("milliseconds"u8, Math.Round(entry.Duration.TotalMilliseconds, 1));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        await response.BodyWriter.FlushAsync();
    }

    private static Task WordAsync(HttpContext context, int status, string word)
    {
        RequestScope.Of(context).Decision = new(DecisionAction.Answer, "health");
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(word);
    }
}
