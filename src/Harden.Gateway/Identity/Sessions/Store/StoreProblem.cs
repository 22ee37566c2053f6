namespace Harden.Gateway.Identity.Sessions.Store;

/// <summary>What a caller is told while sessions can't be asked for.</summary>
internal static class StoreProblem
{
    /// <summary>True if that is what the exception says, however it was wrapped on its way.</summary>
    public static bool Is(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is SessionStoreException)
                return true;
        }
        return false;
    }

    /// <summary>Answers 503.</summary>
    public static Task WriteAsync(HttpContext context)
    {
        RequestScope.Of(context).Decision = new(DecisionAction.Fail, "session-store");
        context.Response.Headers.RetryAfter = "5";
        return Answer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Sign-ins can't be checked",
            "The store of sessions does not answer at the moment, so nobody's sign-in can be confirmed and nothing was passed on. Try again in a few seconds.");
    }
}
