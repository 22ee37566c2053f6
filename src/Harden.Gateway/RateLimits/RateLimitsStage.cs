using Harden.Gateway.Configuration;
using Harden.Gateway.RateLimits.Shared;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Harden.Gateway.RateLimits;

/// <summary>Adds the limits, at two places: by address before sign-in, by caller after the access rules.</summary>
internal static class RateLimitsStage
{
    /// <summary>Adds section <c>RateLimits</c>.</summary>
    public static WebApplicationBuilder AddRateLimits(this WebApplicationBuilder builder)
    {
        builder.AddSection<RateLimitsOptions>("RateLimits", RateLimitsOptionsValidator.Validate);
        builder.Services.AddMetrics();
        builder.Services.TryAddSingleton(TimeProvider.System);
        if (builder.AddRedis())
            builder.Services.AddSingleton<LimitStore>();
        builder.Services.AddSingleton<QuotaFiles>();
        builder.Services.AddSingleton<RateLimitPolicies>();
        builder.Services.AddHostedService<QuotaKeeper>();
        builder.Services.AddSingleton<LimitsReports>();
        builder.Services.AddSingleton<LimitsEndpoints>();
        builder.Services.AddSingleton<Func<LimitsReport>>(static services => services.GetRequiredService<LimitsReports>().Make);
        builder.Services.AddSingleton<ManagementEndpoint>(static services => new("GET", "/limits.json", services.GetRequiredService<LimitsEndpoints>().ReportAsync));
        builder.Services.AddSingleton<ManagementEndpoint>(static services => new("POST", "/limits/reset", services.GetRequiredService<LimitsEndpoints>().ResetAsync));
        builder.Services.AddSingleton<RateLimitMetrics>();
        return builder;
    }

    /// <summary>Limits by address.</summary>
    public static void UseAddressLimits(this IApplicationBuilder app) => app.UseMiddleware<RateLimitMiddleware>(true);

    /// <summary>Limits by subject, tenant or the whole app.</summary>
    public static void UseSubjectLimits(this IApplicationBuilder app) => app.UseMiddleware<RateLimitMiddleware>(false);
}
