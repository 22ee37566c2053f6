using Harden.Gateway.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Harden.Gateway.Access;

/// <summary>Adds the access rules.</summary>
internal static class AccessStage
{
    /// <summary>Adds section <c>Access</c>.</summary>
    public static WebApplicationBuilder AddAccess(this WebApplicationBuilder builder)
    {
        builder.AddSection<AccessOptions>("Access", AccessOptionsValidator.Validate);
        builder.Services.AddMetrics();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<AccessMetrics>();
        builder.Services.AddSingleton<SignInDemands>();
        builder.Services.AddSingleton<LetIn>();
        return builder;
    }

    /// <summary>Lets through what a rule allows.</summary>
    public static void UseAccess(this IApplicationBuilder app) => app.UseMiddleware<AccessMiddleware>();
}
