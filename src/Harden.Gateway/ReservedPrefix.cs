namespace Harden.Gateway;

/// <summary><c>/.harden/</c> on the app's origin belongs to Harden and is never forwarded, whatever is or is not mapped below it.</summary>
internal static class ReservedPrefix
{
    /// <summary>The prefix, without a slash at its end.</summary>
    public const string Path = "/.harden";

    /// <summary>True if the normalised path is Harden's own.</summary>
    public static bool Owns(string path) =>
        path.StartsWith(Path, StringComparison.OrdinalIgnoreCase) && (path.Length == Path.Length || path[Path.Length] == '/');

    /// <summary>
    /// Routes Harden's own paths and answers 404 for those that don't exist. A branch, so that requests for the prototype pay
    /// nothing for routing.
    /// </summary>
    public static void MapReserved(this IApplicationBuilder app, Action<IEndpointRouteBuilder> map) =>
        app.MapWhen(static context => Owns(RequestScope.Of(context).Path), branch =>
        {
            branch.UseRouting();
            branch.Use(static async (context, next) =>
            {
                RequestScope.Of(context).Decision = new(DecisionAction.Answer, "method"); // unless an endpoint says otherwise: routing's own 405 says nothing
                await next(context);
                if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false } response)
                    await Answer.WriteAsync(context, response.StatusCode, "Not allowed here", $"Nothing at this address answers {context.Request.Method}: use {response.Headers.Allow}.");
            });
            branch.UseEndpoints(map);
            branch.Run(static context =>
            {
                RequestScope.Of(context).Decision = new(DecisionAction.Answer, "no-such-endpoint");
                return Answer.WriteAsync(context, 404, "Not found", "Harden has nothing at this address. Addresses below /.harden/ never reach the app.");
            });
        });
}
