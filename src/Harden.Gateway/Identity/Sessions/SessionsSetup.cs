using Harden.Gateway.Configuration;
using Harden.Gateway.Identity.Keys;
using Harden.Gateway.Identity.Sessions.Store;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>Adds sessions, with everything that replicas share of them where there is a Redis.</summary>
internal static class SessionsSetup
{
    /// <summary>Adds section <c>Session</c>.</summary>
    public static void AddSessions(this WebApplicationBuilder builder)
    {
        var shared = builder.AddRedis();
        var exposed = shared && !builder.Environment.IsDevelopment();
        builder.AddSection<SessionOptions>("Session", (options, problems) => SessionOptions.Validate(options, problems, exposed));
        if (shared)
        {
            builder.Services.AddSingleton<SharedState>();
            builder.Services.AddSingleton<SharedRevocations>();
            builder.Services.AddSingleton<SessionSeal>();
            builder.Services.AddSingleton<ISessionStore, RedisSessionStore>();
        }
        else
            builder.Services.AddSingleton<ISessionStore, MemorySessionStore>();
        builder.AddKeyRing(shared);
        builder.Services.AddSingleton<Revocations>();
        builder.Services.AddSingleton<EndedSessions>();
        builder.Services.AddSingleton<SessionTable>();
        builder.Services.AddSingleton<SessionEnding>();
        builder.Services.AddSingleton<EntraRefresh>();
        builder.Services.AddSingleton<SessionRenewal>();
        SessionManagement.Add(builder.Services);
        builder.Services.AddHostedService<SessionWatch>();
    }
}
