using Harden.Gateway.Configuration;
using Harden.Gateway.Console.Health;
using Microsoft.AspNetCore.Hosting.Server;

namespace Harden.Gateway.Console.Pages;

/// <summary>The console's pages: rendered on the server, readable without scripts, with nothing loaded from anywhere else.</summary>
internal sealed partial class ConsolePages(
    RecordSearch record, HealthProbe health, IServer server, TimeProvider time,
    Live<PrototypeOptions> prototype, Live<GovernanceOptions> governance, Live<ConsoleOptions> console, ILogger<ConsolePages> log, Func<LimitsReport>? limits = null)
{
    private const int PageSize = 50;

    // Forms may also lead to https and to this machine: sign-out goes on to the identity provider, and browsers apply the rule to redirects too.
    private static readonly string Policy =
        $"default-src 'none'; style-src '{Style.Hash}'; img-src data:; form-action 'self' https: http://localhost:* http://127.0.0.1:*; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Answers a request of someone who has a console role.</summary>
    public async Task WriteAsync(HttpContext context, RequestScope scope)
    {
        var (title, body) = await MakeAsync(context, scope);
        await WriteAsync(context, scope, title, body);
    }

    /// <summary>Writes a page.</summary>
    public Task WriteAsync(HttpContext context, RequestScope scope, string title, Html body)
    {
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "same-origin"; // not no-referrer: a form would then say Origin: null, and sign-out be refused
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return response.WriteAsync(Layout.Page(title, prototype.Current.Name, scope, body).ToString());
    }

    private async Task<(string Title, Html Body)> MakeAsync(HttpContext context, RequestScope scope)
    {
        try
        {
            switch (scope.Path)
            {
                case "/":
                    var latest = await record.ListAsync(RecordQuery.Read(QueryCollection.Empty), 10, context.RequestAborted);
                    return ("Overview", OverviewPage.Render(prototype.Current, governance.Current, Today, await health.ReportAsync(), Listeners.Of(server, console.Current), latest));
                case "/health":
                    return ("Health", HealthPage.Render(await health.ReportAsync()));
                case "/limits" when limits is not null:
                    return ("Limits", LimitsPage.Render(limits(), scope.Subject is { } who && (who.Scheme == "local" || who.Roles.Contains(ConsoleOptions.AdminRole))));
                case "/record":
                    return ("Record", await ListAsync(context));
                case "/events":
                    var before = context.Request.Query["before"].ToString();
                    return ("Log events", NoticesPage.Render(await record.NoticesAsync(before, PageSize, context.RequestAborted), before, record.Remark));
                case { } path when path.StartsWith("/record/", StringComparison.Ordinal) && path.Length > 8:
                    return await EntryAsync(context, path[8..]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Unreadable(log, e);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return ("The record can't be read", Layout.Message("The record can't be read",
                "The files of the audit log could not be read. If the log was being rotated, reload this page; if it stays so, look at the gateway's own log for the reason."));
        }
        catch (FormatException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return ("No such page", Layout.Message("No such page", "The address names no page of the record. Begin again with the newest."));
        }
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return ("Not found", Layout.Message("Not found", "The console has no page at this address."));
    }

    private async Task<Html> ListAsync(HttpContext context)
    {
        var query = RecordQuery.Read(context.Request.Query);
        if (query.Problems.Count == 0)
            return RecordPage.Render(query, await record.ListAsync(query, PageSize, context.RequestAborted), record.Remark);
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return RecordPage.Render(query, null, "");
    }

    private async Task<(string Title, Html Body)> EntryAsync(HttpContext context, string id)
    {
        RequestScope.Of(context).Target = Words.Short(id, 64);
        var found = await record.FindAsync(id, context.RequestAborted);
        if (found.Count == 1)
            return ("Request", EntryPage.Render(found[0]));
        if (found.Count > 1)
            return ("Trace", RecordPage.RenderTrace(id, found));
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return ("Nothing on record", Layout.Message("Nothing on record",
            "No request has this id. It must be a whole request id or trace id: 32 digits and letters a to f, as a page of Harden shows them under Reference. The entry may also be older than what is kept."));
    }

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private static partial class Log
    {
        [LoggerMessage(8003, LogLevel.Error, "The console could not read the audit log.")]
        public static partial void Unreadable(ILogger log, Exception e);
    }
}
