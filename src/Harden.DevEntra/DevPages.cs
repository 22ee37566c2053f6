using System.Globalization;
using System.Net;

namespace Harden.DevEntra;

/// <summary><c>/dev/faults</c>, <c>/dev/keys</c> and <c>/dev/accounts</c>: what Entra does rarely, on demand. For a person as a page, for a script as JSON.</summary>
internal static class DevPages
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/dev/faults", static (HttpContext context, Faults faults) => ShowAsync(context, faults));
        app.MapPost("/dev/faults", SetAsync);
        app.MapPost("/dev/keys", RotateAsync);
        app.MapPost("/dev/accounts", ChangeAsync);
    }

    private static async Task SetAsync(HttpContext context, Faults faults)
    {
        if (await FormAsync(context) is not { } form)
            return;
        if (FaultSet.Read(name => form[name], out var mend) is not { } set)
        {
            await Problem.WriteAsync(context, 400, "invalid_request", "AADSTS90014: " + mend);
            return;
        }
        faults.Set(set);
        await ShowAsync(context, faults);
    }

    private static async Task RotateAsync(HttpContext context, Faults faults, SigningKeys keys)
    {
        if (await FormAsync(context) is not { } form)
            return;
        keys.Rotate(form["forget"] == "true");
        if (IsPerson(context))
            await ShowAsync(context, faults);
        else
            await context.Response.WriteAsJsonAsync(keys.Published(""));
    }

    private static async Task ChangeAsync(HttpContext context, Accounts accounts)
    {
        if (await FormAsync(context) is not { } form)
            return;
        if (accounts.Change(form, out var mend) is { } persona)
            await context.Response.WriteAsJsonAsync(Accounts.Json(persona));
        else
            await Problem.WriteAsync(context, 400, "invalid_request", "AADSTS90014: " + mend);
    }

    // Any page in the developer's browser can post a form here.
    private static async Task<IFormCollection?> FormAsync(HttpContext context)
    {
        if (context.Request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none" && context.Request.HasFormContentType)
            return await context.Request.ReadFormAsync();
        await Problem.WriteAsync(context, 400, "invalid_request", "AADSTS90014: Send a form, such as: curl -d status=500 -d on=token " + Discovery.Origin(context) + "/dev/faults");
        return null;
    }

    private static bool IsPerson(HttpContext context) => context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);

    private static Task ShowAsync(HttpContext context, Faults faults)
    {
        var set = faults.Current;
        if (!IsPerson(context))
            return context.Response.WriteAsJsonAsync(set.ToJson());
        return Page.WriteAsync(context, 200, "Faults on demand", $"""
            <p role="status">{(set == FaultSet.None ? "All is well." : "In force: <code>" + WebUtility.HtmlEncode(set.ToJson().ToJsonString()) + "</code>")}</p>
            <form method="post" action="/dev/faults"><p>{string.Concat(Faults.Endpoints.Select(e => $"""<label><input type="checkbox" name="on" value="{e}"{(set.On.Contains(e) ? " checked" : "")}> {e}</label> """))}<small>None ticked: all of them.</small></p>
            <p><label>Answer later by <input name="slow" size="4" inputmode="decimal" value="{set.Slow.TotalSeconds.ToString(CultureInfo.InvariantCulture)}"> seconds</label></p>
            <p><label>Answer with status <input name="status" size="4" inputmode="numeric" value="{set.Status}"></label> <label>and error <input name="error" size="14" value="{set.Error}"></label> instead <small>0: answer as usual.</small></p>
            <p><label>For <input name="times" size="4" inputmode="numeric" value="{set.Times}"> requests</label> <small>0: until changed.</small></p>
            <p><label>Tokens are <select name="token"><option value="">as they should be</option>{string.Concat(FaultSet.Tokens.Select(t => $"<option{(set.Token == t ? " selected" : "")}>{t}</option>"))}</select></label></p>
            <p><button>Set</button></p></form>
            <form method="post" action="/dev/faults"><p><button>All is well again</button></p></form>
            <form method="post" action="/dev/keys"><p><button>Sign with a new key</button></p></form>
            <form method="post" action="/dev/keys"><p><button name="forget" value="true">Sign with a new key and forget the old one</button></p></form>
            """);
    }
}
