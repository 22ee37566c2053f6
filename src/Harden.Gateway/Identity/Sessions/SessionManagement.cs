using System.Text.Json;
using Harden.Gateway.Identity.Sessions.Store;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>
/// Sessions for administrators: <c>GET /sessions.json</c> lists them, <c>DELETE /sessions/ID</c> ends one, <c>DELETE /subjects/TENANT/OBJECT</c>
/// ends everything somebody may still do with what they have. Each says in the record whom or what it was about.
/// </summary>
internal sealed class SessionManagement(SessionTable sessions, SessionEnding ending, ISessionStore store, Revocations revocations)
{
    private const string List = "/sessions.json";
    private const string Sessions = "/sessions/";
    private const string Subjects = "/subjects/";
    private const int DefaultPage = 100, LargestPage = 1000;

    /// <summary>Registers the addresses.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<SessionManagement>();
        services.AddSingleton(static s => new ManagementEndpoint(HttpMethods.Get, List, s.GetRequiredService<SessionManagement>().ListAsync));
        services.AddSingleton(static s => new ManagementEndpoint(HttpMethods.Delete, Sessions, s.GetRequiredService<SessionManagement>().RevokeSessionAsync));
        services.AddSingleton(static s => new ManagementEndpoint(HttpMethods.Delete, Subjects, s.GetRequiredService<SessionManagement>().RevokeSubjectAsync));
    }

    private async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        RequestScope.Of(context).Decision = new(DecisionAction.Answer, "sessions-listed");
        var count = int.TryParse(query["count"], out var asked) ? Math.Clamp(asked, 1, LargestPage) : DefaultPage;
        if (query["after"].ToString() is { Length: > 0 } cursor && SessionCursor.Parse(cursor) is null)
        {
            await Answer.WriteAsync(context, StatusCodes.Status400BadRequest, "No such page", "after must be what the page before named as next.");
            return;
        }
        try
        {
            var page = await store.ListAsync(query["after"].ToString() is { Length: > 0 } after ? after : null, count);
            context.Response.Headers.CacheControl = "no-store";
            context.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(context.Response.Body, page, SessionJson.Default.SessionPage, context.RequestAborted);
        }
        catch (SessionStoreException)
        {
            await StoreProblem.WriteAsync(context);
        }
    }

    private async Task RevokeSessionAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        var id = scope.Path[Sessions.Length..];
        if (SessionKey.Parse(id) is not { } number)
        {
            await Answer.WriteAsync(context, StatusCodes.Status400BadRequest, "No session's id", $"A session's id has 32 hexadecimal digits, as {List} lists them.");
            return;
        }
        scope.Target = $"session {id}";
        scope.Decision = new(DecisionAction.Answer, "session-revoked");
        var there = sessions.Of(number) is not null;
        sessions.Forget(number, "session-revoked");
        try
        {
            there |= await store.RemoveAsync(id, "session-revoked");
        }
        catch (SessionStoreException)
        {
            sessions.Owe(number, "session-revoked");
            await LaterAsync(context);
            return;
        }
        if (there)
            await SayAsync(context, 1);
        else
            await Answer.WriteAsync(context, StatusCodes.Status404NotFound, "No such session", $"There is no session {id}: it has ended, or never was.");
    }

    private async Task RevokeSubjectAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        var subject = scope.Path[Subjects.Length..].ToLowerInvariant();
        if (subject.Split('/') is not [var tenant, var id] || !Guid.TryParseExact(tenant, "D", out _) || !Guid.TryParseExact(id, "D", out _))
        {
            await Answer.WriteAsync(context, StatusCodes.Status400BadRequest, "No subject", "A subject is TENANT-ID/OBJECT-ID, two GUIDs, as sessions and records name it.");
            return;
        }
        scope.Target = $"subject {subject}";
        scope.Decision = new(DecisionAction.Answer, "subject-revoked");
        // The mark first: who signs in meanwhile comes after it, everything else is covered by it, found below or not.
        var told = await revocations.RevokeAsync(subject);
        var (ended, all) = await ending.OfSubjectAsync(subject, "session-revoked");
        if (told && all)
            await SayAsync(context, ended);
        else
            await LaterAsync(context);
    }

    private static Task SayAsync(HttpContext context, int ended)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$"""{"ended":{{ended}}}""");
    }

    private static Task LaterAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "5";
        return Answer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Revoked here, not yet everywhere",
            "It is revoked at this replica. The store of sessions does not answer, so other replicas are told as soon as it does. Ask again to be sure.");
    }
}
