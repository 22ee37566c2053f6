using System.Net;
using System.Security.Cryptography;
using System.Text;
using Harden.Gateway.Configuration;
using Harden.Gateway.Console.Health;
using Harden.Gateway.Console.Metrics;
using Harden.Gateway.Console.Pages;

namespace Harden.Gateway.Console;

/// <summary>
/// Everything that arrives at the management listener ends here. Runs after identity, so that it knows who asks, and before access,
/// whose rules are the app's: nothing from here reaches the prototype, and nobody without a console role reads the record.
/// </summary>
internal sealed class ConsoleGate(Live<ConsoleOptions> live, ConsolePages pages, HealthProbe health, PrometheusCollector metrics)
{
    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        var request = context.Request;
        scope.Decision = new(DecisionAction.Answer, "console");
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return Answer.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "Not allowed here", "The console only shows things: it answers GET and HEAD.");
        }
        var options = live.Current;
        var person = Caller.IsNavigation(request);
        var role = scope.Subject is { } subject && subject.Roles.Any(had => options.RolesOrDefault.Contains(had, StringComparer.Ordinal));
        if (!role && !(scope.Path is "/metrics" or "/health" && MayScrape(context, scope, options)))
            return RefuseAsync(context, scope, options, person);
        return scope.Path switch
        {
            "/metrics" => metrics.WriteAsync(context.Response),
            "/health" when !role || !person => HealthEndpoints.DetailsAsync(context, health),
            _ => pages.WriteAsync(context, scope),
        };
    }

    private static Task RefuseAsync(HttpContext context, RequestScope scope, ConsoleOptions options, bool person)
    {
        if (scope.Subject is not null)
        {
            scope.Decision = new(DecisionAction.Deny, "console-role");
            return Answer.WriteAsync(context, StatusCodes.Status403Forbidden, "No access to the console",
                $"You are signed in, but the console needs the app role {string.Join(" or ", options.RolesOrDefault)}. Ask whoever runs the app to assign it to you, then sign out and in again.");
        }
        scope.Decision = new(DecisionAction.SignIn, "console");
        if (person)
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Redirect($"{ReservedPrefix.Path}/signin?returnUrl={Uri.EscapeDataString(scope.RawTarget)}");
            return Task.CompletedTask;
        }
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Answer.WriteAsync(context, StatusCodes.Status401Unauthorized, "Sign-in needed", "The console needs a signed-in caller with a console role.");
    }

    // The host name is checked too: a page that a browser on this machine shows can have its own name resolve to 127.0.0.1 (DNS rebinding).
    private static bool MayScrape(HttpContext context, RequestScope scope, ConsoleOptions options)
    {
        if (options.ScrapeToken is { } token && context.Request.Headers.Authorization is [{ } sent] && sent.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(sent[7..])), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        var host = context.Request.Host.Host;
        return options.ScrapeFromLoopback && IPAddress.IsLoopback(scope.Peer) && IPAddress.IsLoopback(scope.Client)
            && (host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)));
    }
}
