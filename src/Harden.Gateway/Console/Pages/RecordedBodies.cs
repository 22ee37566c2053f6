using Harden.Audit;
using Harden.Audit.Bodies;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Console.Pages;

/// <summary>
/// Shows recorded bodies to reviewers: <c>/body/ID/request</c>, <c>/body/ID/response</c>, and either with <c>/download</c>. Who only administers sees
/// none, because what people wrote is the reviewer's to read; each look is on record with the id of the request it was at.
/// </summary>
internal sealed class RecordedBodies(RecordSearch record, FleetBodies bodies, ConsolePages pages, Live<ConsoleOptions> live)
{
    /// <summary>Where they are.</summary>
    public const string Path = "/body/";

    /// <summary>Answers a request of someone who has a console role.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        var parts = scope.Path[Path.Length..].Split('/');
        BodySide? side = parts is [_, "request", ..] ? BodySide.Request : parts is [_, "response", ..] ? BodySide.Response : null;
        if (side is null || parts.Length > 3 || parts is [_, _, not "download"] || parts[0].Length != 32)
        {
            await MessageAsync(context, scope, StatusCodes.Status404NotFound, "Not found", "The console has no page at this address.");
            return;
        }
        scope.Target = $"{parts[0]}/{BodyPage.Name(side.Value)}";
        if (!MayRead(scope.Subject))
        {
            scope.Decision = new(DecisionAction.Deny, "reviewer-role");
            await MessageAsync(context, scope, StatusCodes.Status403Forbidden, "Bodies are for reviewers",
                "What people sent and got is shown only to somebody with the app role Harden.Reviewer. Ask whoever runs the app to assign it to you, then sign out and in again.");
            return;
        }
        if ((await record.FindAsync(parts[0], context.RequestAborted)).FirstOrDefault(v => v.Entry.RequestId == parts[0]) is not { } view || BodyPage.Of(view.Entry, side.Value) is null)
        {
            await MessageAsync(context, scope, StatusCodes.Status404NotFound, "Nothing on record", "No request with a body has this id.");
            return;
        }
        var opened = await bodies.OpenAsync(view.Entry, side.Value, context.RequestAborted);
        if (parts.Length == 3 && opened.Bytes is { } bytes)
            await DownloadAsync(context.Response, $"{parts[0]}-{BodyPage.Name(side.Value)}.txt", bytes);
        else
            await pages.WriteAsync(context, scope, "Body", BodyPage.Render(view, side.Value, opened));
    }

    // The local administrator is no person, so the record could not say who read.
    private bool MayRead(Subject? subject) =>
        subject is not null && subject.Scheme != "local" && subject.Roles.Any(had => had != ConsoleOptions.AdminRole && live.Current.RolesOrDefault.Contains(had, StringComparer.Ordinal));

    private Task MessageAsync(HttpContext context, RequestScope scope, int status, string title, string text)
    {
        context.Response.StatusCode = status;
        return pages.WriteAsync(context, scope, title, Layout.Message(title, text));
    }

    // Whatever it holds, no browser may take it for a page of the console.
    private static Task DownloadAsync(HttpResponse response, string name, byte[] bytes)
    {
        response.ContentType = "application/octet-stream";
        response.ContentLength = bytes.Length;
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; frame-ancestors 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return HttpMethods.IsHead(response.HttpContext.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(bytes).AsTask();
    }
}
