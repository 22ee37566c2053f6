using Harden.Audit;
using Harden.Audit.Bodies;
using Harden.Gateway.Audit.Redaction;
using Harden.Gateway.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Harden.Gateway.Audit;

/// <summary>Adds the audit trail.</summary>
internal static class AuditStage
{
    /// <summary>Adds section <c>Audit</c>.</summary>
    public static WebApplicationBuilder AddAudit(this WebApplicationBuilder builder)
    {
        builder.AddSection<AuditOptions>("Audit", AuditOptionsValidator.Validate);
        builder.Services.AddMetrics();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<AuditMetrics>();
        builder.Services.AddSingleton<AuditTrail>();
        builder.Services.AddSingleton<BodyRedactor>();
        builder.Services.AddHostedService<RejectedRequests>();
        builder.Services.AddSingleton(static services =>
            new AuditReader(services.GetRequiredService<StateDirectory>().Of("audit"), () => services.GetRequiredService<AuditTrail>().BootId));
        builder.Services.AddSingleton(static services =>
            new BodyReader(services.GetRequiredService<StateDirectory>().Of("audit"), services.GetRequiredService<AuditTrail>().Bodies.Keys));
        builder.Services.AddSingleton<AuditSearch>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<AuditSearch>());
        builder.Services.AddSingleton(static services => services.GetRequiredService<AuditSearch>().Records);
        // Lazily where it is used: the pipeline is also built to check a configuration, and that opens no log.
        builder.Services.AddSingleton(static services => new Lazy<IAuditRecords>(services.GetRequiredService<IAuditRecords>));
        builder.Services.AddHealthChecks().AddCheck<AuditHealthCheck>("audit", tags: ["ready"]);
        return builder;
    }

    /// <summary>Opens the log, so that a start without one fails with a sentence before anything listens.</summary>
    /// <exception cref="ConfigurationException">It can't be written, and why.</exception>
    public static void OpenAudit(this WebApplication app)
    {
        app.Services.GetRequiredService<AuditTrail>();
        app.Services.GetRequiredService<BodyRedactor>();
    }

    /// <summary>Puts a record around everything that follows.</summary>
    public static void UseAudit(this IApplicationBuilder app) => app.UseMiddleware<AuditMiddleware>();

    /// <summary>Makes the record durable before the request is forwarded.</summary>
    public static void UseIntent(this IApplicationBuilder app) => app.UseMiddleware<IntentMiddleware>();
}
