using System.Net;
using System.Text.Json.Nodes;

namespace Harden.DevEntra;

/// <summary>Where a program without a browser begins a sign-in, and the page where its person types the code and picks who to be.</summary>
internal static class DeviceFlow
{
    private const string PagePath = "/devicelogin";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/{tenant}/oauth2/v2.0/devicecode", BeginAsync);
        app.MapMethods(PagePath, ["GET", "POST"], PageAsync);
    }

    private static async Task BeginAsync(HttpContext context, string tenant, DevEntraOptions options, DeviceCodes codes)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync() : FormCollection.Empty;
        var scope = form["scope"].ToString();
        if (!Discovery.Served(tenant, options))
            await Problem.WriteAsync(context, 400, "invalid_request", $"AADSTS90002: Tenant '{tenant}' not found.");
        else if (form["client_id"] != options.ClientId)
            await Problem.WriteAsync(context, 400, "unauthorized_client", $"AADSTS700016: Application with identifier '{form["client_id"]}' was not found in the directory. DevEntra knows {options.ClientId}.");
        else if (scope.Length == 0)
            await Problem.WriteAsync(context, 400, "invalid_request", "AADSTS900144: The request body must contain the following parameter: 'scope'.");
        else
        {
            var pending = codes.Begin(Discovery.Origin(context), tenant, scope);
            var page = Discovery.Origin(context) + PagePath;
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsJsonAsync(new JsonObject
            {
                ["user_code"] = pending.UserCode,
                ["device_code"] = pending.DeviceCode,
                ["verification_uri"] = page,
                ["expires_in"] = (int)options.DeviceCodeLifetime.TotalSeconds,
                ["interval"] = (int)options.DeviceCodeInterval.TotalSeconds,
                ["message"] = $"To sign in, use a web browser to open the page {page} and enter the code {pending.UserCode} to authenticate.",
            });
        }
    }

    private static async Task PageAsync(HttpContext context, DevEntraOptions options, DeviceCodes codes, TimeProvider time)
    {
        var form = HttpMethods.IsPost(context.Request.Method) && context.Request.HasFormContentType ? await context.Request.ReadFormAsync() : FormCollection.Empty;
        var typed = form["otc"].ToString();
        if (typed.Length == 0)
        {
            await AskAsync(context, "");
            return;
        }
        // Otherwise any page could have this browser's person agree to what a stranger began.
        if (context.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none") || codes.Find(typed) is not { } pending)
        {
            await AskAsync(context, "That code didn't work. Check the code and try again.");
            return;
        }
        var picked = form["persona"].ToString();
        if (picked.Length == 0)
        {
            await Page.WriteAsync(context, 200, "Pick who to sign in as", Page.Picker(pending.Tenant, "A program on another device asks to act as you. Go on only if you have just started it.",
                $"""<input type="hidden" name="otc" value="{pending.UserCode}">"""));
            return;
        }
        var persona = Persona.Find(picked) is { Service: false, Disabled: false } known ? known : null;
        if (persona is null && picked != Page.Cancelled)
        {
            await Page.WriteAsync(context, 400, "Sign-in failed", Page.Text(Problem.Describe(context, "AADSTS50057: The user account is disabled.")));
            return;
        }
        pending.Decide(persona is null ? null : new(pending.Origin, Discovery.AnyTenant(pending.Tenant) ? persona.HomeTenant ?? options.TenantId : pending.Tenant.ToLowerInvariant(), persona, pending.Scope, time.GetUtcNow().ToUnixTimeSeconds(), Guid.NewGuid().ToString()) { Public = true });
        await Page.WriteAsync(context, 200, persona is null ? "Nothing was agreed to" : "You have signed in", Page.Text("You may now close this window and go back to your device."));
    }

    private static Task AskAsync(HttpContext context, string mend) => Page.WriteAsync(context, mend.Length == 0 ? 200 : 400, "Enter code", $"""
        <p>Enter the code that your app or device shows.</p>{(mend.Length > 0 ? $"<p role=\"alert\">{WebUtility.HtmlEncode(mend)}</p>" : "")}
        <form method="post"><p><label>Code <input name="otc" autocomplete="off" autofocus required></label></p><p><button>Next</button></p></form>
        """);
}
