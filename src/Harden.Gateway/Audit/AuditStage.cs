using Harden.Audit;
using Harden.Audit.Bodies;
using Harden.Audit.Postgres;
using Harden.Gateway.Audit.Redaction;
using Harden.Gateway.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace Harden.Gateway.Audit;

/// <summary>Adds the audit trail.</summary>
internal static class AuditStage
{
    /// <summary>Adds section <c>Audit</c>.</summary>
    public static WebApplicationBuilder AddAudit(this WebApplicationBuilder builder)
    {
        var exportsLogs = builder.Services.Any(static service => service.ServiceType == typeof(LogRecordExport));
        builder.AddSection<AuditOptions>("Audit", (options, problems) =>
        {
            AuditOptionsValidator.Validate(options, problems);
            if (options.LogRecords && !exportsLogs)
                problems.Add("Audit:LogRecords", "needs a place to send them to: set OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, or leave it out.");
        });
        builder.Services.AddMetrics();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<AuditMetrics>();
        builder.Services.AddSingleton<AuditTrail>();
        if (builder.AddRedis())
            builder.Services.AddSingleton<CheckpointsInRedis>();
        builder.Services.AddSingleton<BodyRedactor>();
        builder.Services.AddHostedService<RejectedRequests>();
        builder.Services.AddSingleton<LogRecords>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<LogRecords>());
        builder.Services.AddSingleton(static services =>
            new AuditReader(services.GetRequiredService<StateDirectory>().Of("audit"), () => services.GetRequiredService<AuditTrail>().BootId));
        builder.Services.AddSingleton(static services =>
            new BodyReader(services.GetRequiredService<StateDirectory>().Of("audit"), services.GetRequiredService<AuditTrail>().Bodies.Keys));
        builder.Services.AddSingleton(static services => new FleetBodies(services.GetRequiredService<StateDirectory>().Of("audit"), services.GetRequiredService<BodyReader>(), services.GetService<PostgresBodies>()));
        builder.Services.AddSingleton<AuditSearch>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<AuditSearch>());
        builder.AddRecords();
        // Lazily where it is used: the pipeline is also built to check a configuration, and that opens no log.
        builder.Services.AddSingleton(static services => new Lazy<IAuditRecords>(services.GetRequiredService<IAuditRecords>));
        builder.Services.AddHealthChecks().AddCheck<AuditHealthCheck>("audit", tags: ["ready"]);
        return builder;
    }

    // The record is searched where all replicas ship to, if there is such a place.
    private static void AddRecords(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetConnectionString("audit") is not { Length: > 0 } text)
        {
            builder.Services.AddSingleton(static services => services.GetRequiredService<AuditSearch>().Records);
            return;
        }
        NpgsqlDataSource source;
        try
        {
            source = new NpgsqlDataSourceBuilder(text) { ConnectionStringBuilder = { ApplicationName = "harden" } }.Build();
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new ConfigurationException([new("ConnectionStrings:audit", null, "is not a PostgreSQL connection string such as Host=localhost;Database=harden;Username=harden.", "")]);
        }
        builder.Services.AddSingleton(source);
        builder.Services.AddSingleton<IAuditRecords>(services => new FleetRecords(new PostgresRecords(source), services.GetRequiredService<AuditSearch>().Records));
        builder.Services.AddSingleton(services => new PostgresBodies(source, services.GetRequiredService<AuditTrail>().Bodies.Keys));
        builder.Services.AddSingleton<Shipping>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<Shipping>());
        builder.Services.AddHealthChecks().Add(new("audit-shipping", static services => services.GetRequiredService<Shipping>(), failureStatus: null, tags: []));
    }

    /// <summary>Opens the log, so that a start without one fails with a sentence before anything listens.</summary>
    /// <exception cref="ConfigurationException">It can't be written, and why.</exception>
    public static void OpenAudit(this WebApplication app)
    {
        // Before the log is opened, because retention begins with it.
        ShippedMark.Begin(app.Services.GetRequiredService<StateDirectory>().Of("audit"), app.Services.GetService<NpgsqlDataSource>() is not null);
        app.Services.GetRequiredService<AuditTrail>();
        app.Services.GetRequiredService<BodyRedactor>();
    }

    /// <summary>Puts a record around everything that follows.</summary>
    public static void UseAudit(this IApplicationBuilder app) => app.UseMiddleware<AuditMiddleware>();

    /// <summary>Makes the record durable before the request is forwarded.</summary>
    public static void UseIntent(this IApplicationBuilder app) => app.UseMiddleware<IntentMiddleware>();
}
