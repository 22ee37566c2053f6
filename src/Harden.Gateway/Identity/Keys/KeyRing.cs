using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace Harden.Gateway.Identity.Keys;

/// <summary>Adds the keys that seal sign-ins under way and stored sessions.</summary>
internal static class KeyRing
{
    /// <summary>Keeps them in Redis, or in the state directory.</summary>
    public static void AddKeyRing(this WebApplicationBuilder builder, bool shared)
    {
        // The framework's default name is the content root's path, which replicas need not have in common.
        builder.Services.AddDataProtection().SetApplicationName($"harden:{builder.Configuration["Prototype:Name"] ?? "prototype"}");
        if (shared)
        {
            // That Redis doesn't answer is said once, without the framework's stack trace.
            builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.KeyRingProvider", LogLevel.None);
            builder.Services.AddSingleton<RedisKeyRepository>();
            builder.Services.AddOptions<KeyManagementOptions>().Configure<RedisKeyRepository>(static (keys, repository) => keys.XmlRepository = repository);
        }
        else
            builder.Services.AddOptions<KeyManagementOptions>().Configure<StateDirectory>(static (keys, state) => keys.XmlRepository = new FileKeyRepository(state.Of("keys")));
        // It warns that keys lie on disk in the clear; they do, in files only the gateway's own account can read. For Redis there is Session:KeySecret.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
    }
}
