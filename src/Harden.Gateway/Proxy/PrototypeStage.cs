using Harden.Gateway.Configuration;
using Harden.Gateway.Proxy.Identity;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Harden.Gateway.Proxy;

/// <summary>Adds the prototype: the one destination of the gateway.</summary>
internal static class PrototypeStage
{
    /// <summary>Adds section <c>Prototype</c>, forwarding, and the health check <c>prototype</c>.</summary>
    public static WebApplicationBuilder AddPrototype(this WebApplicationBuilder builder)
    {
        builder.AddSection<PrototypeOptions>("Prototype", PrototypeOptionsValidator.Validate);
        builder.Services.AddHttpForwarder();
        // Every failure is logged by PrototypeForwarder, in one line; YARP would add a stack trace to each.
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.None);
        builder.Services.AddMetrics();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<PrototypeMetrics>();
        builder.Services.AddSingleton<AssertionKeys>();
        builder.Services.AddSingleton<AssertionSigner>();
        builder.Services.AddSingleton<SubjectHeaders>();
        builder.AddRedis();
        builder.Services.AddDataProtection();
        builder.Services.AddSingleton<SharedAssertionKeys>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<SharedAssertionKeys>());
        builder.Services.AddSingleton<JwksEndpoint>();
        builder.Services.AddSingleton<PrototypeForwarder>();
        builder.Services.AddSingleton<PrototypeHealth>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<PrototypeHealth>());
        builder.Services.AddHealthChecks().Add(new("prototype", static services => services.GetRequiredService<PrototypeHealth>(), failureStatus: null, tags: ["ready"]));
        return builder;
    }

    /// <summary>Maps <c>/.harden/jwks.json</c>.</summary>
    public static IEndpointRouteBuilder MapJwks(this IEndpointRouteBuilder harden)
    {
        harden.MapMethods(ReservedPrefix.Path + "/jwks.json", ["GET", "HEAD"], harden.ServiceProvider.GetRequiredService<JwksEndpoint>().WriteAsync);
        return harden;
    }

    /// <summary>Forwards everything that gets here to the prototype.</summary>
    public static void MapPrototype(this WebApplication app) => app.Run(app.Services.GetRequiredService<PrototypeForwarder>().ForwardAsync);
}
