using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Harden.Hosting.Decisions;
using Microsoft.Extensions.Configuration;

namespace Harden.Hosting;

/// <summary>Gives the gateway a Redis for sign-ins and the counters of its limits.</summary>
internal static class SessionStore
{
    private const string Name = "redis";

    /// <summary>Adds the chosen Redis, once an AppHost however many gateways it has, and has the gateway wait for it.</summary>
    public static IResourceBuilder<HardenResource> WithSessionStore(this IResourceBuilder<HardenResource> gateway)
    {
        var builder = gateway.ApplicationBuilder;
        if (builder.Resources.FirstOrDefault(static resource => resource.Name == Name) is IResourceWithConnectionString present)
            return gateway.Using(builder.CreateResourceBuilder(present));
        var choice = RedisChoice.Make(
            !string.IsNullOrEmpty(builder.Configuration.GetConnectionString(Name)),
            // What this machine's environment and user secrets say is not deployed.
            !string.IsNullOrEmpty((builder.ExecutionContext.IsPublishMode ? gateway.Resource.Settings.InFile : gateway.Resource.Settings.All).GetConnectionString(Name)),
            builder.ExecutionContext.IsPublishMode,
            () => RunningContainers.Runtime(builder),
            RedisServer.Find);
        gateway.Resource.Redis = choice;
        // A machine that compiles the prototype at the same time is slow, which is no news about the Redis that was started for this run.
        if (choice.Kind == RedisKind.Server && !gateway.Resource.Settings.IsSet("RateLimits:StoreTimeout"))
            gateway.WithEnvironment("RateLimits__StoreTimeout", "00:00:00.500");
        builder.Announce($"Redis is {choice.Kind switch { RedisKind.Server => "a process", RedisKind.Container => "a container", RedisKind.None => "not used", _ => "the configured one" }}: {choice.Why}.");
        return choice.Kind switch
        {
            RedisKind.Configured => gateway.WithKeySecret().WithReference(builder.AddConnectionString(Name), Name),
            RedisKind.Container => gateway.Using(builder.AddRedis(Name)),
            RedisKind.Server => gateway.Using(builder.AddServer(RedisServer.Prepare(RedisServer.Find()!))),
            _ => gateway,
        };
    }

    private static IResourceBuilder<HardenResource> Using(this IResourceBuilder<HardenResource> gateway, IResourceBuilder<IResourceWithConnectionString> redis) =>
        gateway.WithKeySecret().WithReference(redis, Name).WaitFor(redis);

    // Outside Development the gateway puts its keys into no Redis unsealed.
    private static IResourceBuilder<HardenResource> WithKeySecret(this IResourceBuilder<HardenResource> gateway)
    {
        var (builder, file) = (gateway.ApplicationBuilder, gateway.Resource.Settings.InFile);
        if (builder.ExecutionContext.IsPublishMode && string.IsNullOrEmpty(file["Session:KeySecret"]) && string.IsNullOrEmpty(file["Session:KeysInRedis"]))
            gateway.WithEnvironment("Session__KeySecret", builder.AddParameter($"{gateway.Resource.Name}-session-key-secret", new GenerateParameterDefault { MinLength = 44, Special = false }, secret: true));
        return gateway;
    }

    private static IResourceBuilder<ConnectionStringResource> AddServer(this IDistributedApplicationBuilder builder, RedisServer server)
    {
        var password = builder.AddParameter($"{Name}-password", server.Password, secret: true);
        var process = builder.AddExecutable($"{Name}-server", server.Program, Path.GetDirectoryName(server.File)!, server.File)
            .WithEndpoint(server.Port, server.Port, "tcp", "tcp", isProxied: false)
            .WithListeningCheck(server.Port)
            .ExcludeFromManifest();
        var port = server.Port.ToString(CultureInfo.InvariantCulture);
        return builder.AddConnectionString(Name, ReferenceExpression.Create($"127.0.0.1:{port},password={password}")).WaitFor(process);
    }
}
