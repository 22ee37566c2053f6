namespace Harden.Gateway.Audit;

/// <summary>
/// Puts a record around everything that follows. Runs outside every stage that may refuse, so that a refusal is on record like any other
/// answer: a request that was never forwarded is one entry, the rest is the completion of an intent.
/// </summary>
internal sealed class AuditMiddleware(RequestDelegate next, AuditTrail trail)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var exchange = trail.Begin(context);
        context.Features.Set(exchange);
        exchange.Begin();
        Exception? failure = null;
        try
        {
            await next(context);
        }
        catch (Exception e)
        {
            failure = e;
            throw; // answered outside; here it only gets on record
        }
        finally
        {
            exchange.End(failure);
            await trail.EndAsync(exchange, failure);
        }
    }
}

/// <summary>
/// Records the intent. Runs last before the prototype: everything is decided, and nothing has been passed on. If the record can't be made
/// and <c>Strict</c> is promised, nothing will be.
/// </summary>
internal sealed class IntentMiddleware(RequestDelegate next, AuditTrail trail)
{
    /// <summary>Why a request was refused that could not be recorded.</summary>
    public const string Unavailable = "audit-unavailable";

    public Task InvokeAsync(HttpContext context)
    {
        var exchange = context.Features.Get<Exchange>() ?? throw new InvalidOperationException("No exchange: UseAudit() must come before UseIntent() in Program.cs.");
        var recorded = trail.IntendAsync(exchange);
        if (!recorded.IsCompletedSuccessfully)
            return AwaitedAsync(context, recorded);
        return recorded.Result ? next(context) : RefuseAsync(context);
    }

    private async Task AwaitedAsync(HttpContext context, ValueTask<bool> recorded)
    {
        if (await recorded)
            await next(context);
        else
            await RefuseAsync(context);
    }

    private Task RefuseAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        scope.Decision = scope.Decision with { Action = DecisionAction.Fail, Reason = Unavailable };
        context.Response.Headers.RetryAfter = "5";
        return Answer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The request can't be recorded",
            $"{trail.Trouble} Nothing is passed on to the app without a record, so this request was not. It works again by itself as soon as the record does.");
    }
}
