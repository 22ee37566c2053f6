namespace Harden.DevEntra;

/// <summary>Who is signed in at DevEntra in this browser, in a cookie.</summary>
/// <param name="Persona">Who.</param>
/// <param name="Sid">Entra's <c>sid</c>: stays when the same person proves themselves again.</param>
/// <param name="AuthTime">When they last picked the persona, Unix seconds.</param>
internal sealed record SignedIn(Persona Persona, string Sid, long AuthTime)
{
    // Cookies know no ports: a path of its own keeps it away from the gateway and the app on the same host name.
    private const string Cookie = "dev-entra";

    /// <summary>Reads the cookie; null if nobody is signed in.</summary>
    public static SignedIn? Read(HttpContext context) =>
        context.Request.Cookies[Cookie]?.Split('.') is [var id, var sid, var when] && long.TryParse(when, out var authTime) && Persona.Find(id) is { Service: false } persona
            ? new(persona, sid, authTime)
            : null;

    /// <summary>What a pick makes of it: the person has proved themselves just now.</summary>
    public static SignedIn Pick(Persona persona, SignedIn? before, TimeProvider time) =>
        new(persona, before?.Persona == persona ? before.Sid : Guid.NewGuid().ToString(), time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>Keeps it in the browser.</summary>
    public void Write(HttpContext context, string tenant) =>
        context.Response.Cookies.Append(Cookie, $"{Persona.Id}.{Sid}.{AuthTime}", new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Path = PathOf(tenant) });

    /// <summary>Takes it from the browser.</summary>
    public static void Delete(HttpContext context, string tenant) => context.Response.Cookies.Delete(Cookie, new() { Path = PathOf(tenant) });

    private static string PathOf(string tenant) => $"/{tenant}/oauth2/v2.0";
}
