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
internal sealed class ConsoleGate(
    Live<ConsoleOptions> live, ConsolePages pages, HealthProbe health, PrometheusCollector metrics, LocalAdministrator local, IEnumerable<ManagementEndpoint> endpoints)
{
    private readonly ManagementEndpoint[] endpoints = [.. endpoints];

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        var request = context.Request;
        scope.Decision = new(DecisionAction.Answer, "console");
        if (local.Recognise(request) is { } account)
            (scope.Subject, scope.TokenProblem) = (account, null);
        var options = live.Current;
        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        var endpoint = Array.Find(endpoints, e => e.Answers(request.Method, scope.Path));
        if (endpoint is null && !reads)
            return NotAllowedAsync(context, scope.Path);
        IReadOnlyList<string> needed = reads ? options.RolesOrDefault : [ConsoleOptions.AdminRole];
        var role = scope.Subject is { Scheme: not "apikey" } subject && (subject.Scheme == "local" || // a key tells the app roles; here people look, and are on record by name
            subject.Roles.Any(had => needed.Contains(had, StringComparer.Ordinal)));
        var person = Caller.IsNavigation(request);
        if (!role && !(scope.Path is "/metrics" or "/health" && MayScrape(context, scope, options)))
            return RefuseAsync(context, scope, needed, person);
        if (endpoint is not null)
            return endpoint.Handle(context);
        return scope.Path switch
        {
            "/metrics" => metrics.WriteAsync(context.Response),
            "/health" when !role || !person => HealthEndpoints.DetailsAsync(context, health),
            _ => pages.WriteAsync(context, scope),
        };
    }

    private Task NotAllowedAsync(HttpContext context, string path)
    {
        var methods = endpoints.Where(e => e.Owns(path)).Select(static e => e.Method).ToArray();
        context.Response.Headers.Allow = methods.Length > 0 ? string.Join(", ", methods) : "GET, HEAD";
        return Answer.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "Not allowed here",
            $"Nothing at this address of the console answers {context.Request.Method}.");
    }

    private static Task RefuseAsync(HttpContext context, RequestScope scope, IReadOnlyList<string> needed, bool person)
    {
        if (scope.Subject is not null)
        {
            scope.Decision = new(DecisionAction.Deny, "console-role");
            return Answer.WriteAsync(context, StatusCodes.Status403Forbidden, "No access to the console",
                $"You are signed in, but this needs the app role {string.Join(" or ", needed)}. Ask whoever runs the app to assign it to you, then sign out and in again.");
        }
        scope.Decision = new(DecisionAction.SignIn, "console");
        if (person)
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Redirect($"{ReservedPrefix.Path}/signin?returnUrl={Uri.EscapeDataString(scope.RawTarget)}");
            return Task.CompletedTask;
        }
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Answer.WriteAsync(context, StatusCodes.Status401Unauthorized, "Sign-in needed", "The console needs a signed-in caller with a console role, or the harden command on the machine the gateway runs on.");
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
