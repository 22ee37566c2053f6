namespace Harden.Gateway.Identity;

/// <summary>Asks before signing out: a link to sign-out works for apps that know nothing of it, a GET that signs out would not be safe.</summary>
internal static class SignOutPage
{
    /// <param name="context">The request.</param>
    /// <param name="subject">Who is signed in.</param>
    /// <param name="entra">Where the form leads on to; browsers apply <c>form-action</c> to redirects too.</param>
    public static Task WriteAsync(HttpContext context, Subject subject, Uri entra)
    {
        // Under no-referrer a browser sends its form as "Origin: null", and one without fetch metadata (Safari before 16.4) could not be told from another site.
        context.Response.Headers["Referrer-Policy"] = "same-origin";
        var who = AnswerPage.Text(subject.Name) + (subject.Email.Length > 0 ? $" ({AnswerPage.Text(subject.Email)})" : "");
        return AnswerPage.WriteAsync(context, "Sign out?",
            $"""<p>You are signed in as {who}.</p><form method="post"><p class="act"><button>Sign out</button><button class="quiet" formaction="?everywhere=true">Sign out everywhere</button><a href="/">Stay signed in</a></p></form>""",
            "form-action 'self'" + (entra.IsAbsoluteUri ? " " + entra.GetLeftPart(UriPartial.Authority) : ""));
    }
}
