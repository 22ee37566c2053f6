using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Harden.Hosting.Decisions;

namespace Harden.Hosting;

/// <summary>Containers only where they can run: Aspire waits without end for a runtime that doesn't answer.</summary>
internal static class RunningContainers
{
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<IDistributedApplicationBuilder, Lazy<string?>> Answers = [];

    /// <summary>The container runtime that answers; null if none does. Asked once an AppHost.</summary>
    public static string? Runtime(IDistributedApplicationBuilder builder) => Answers.GetValue(builder, static builder => new(() =>
    {
        var configured = builder.Configuration["ASPIRE_CONTAINER_RUNTIME"] ?? builder.Configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"];
        return Task.Run(() => ContainerRuntime.FindAsync(configured, ContainerRuntime.Patience)).GetAwaiter().GetResult();
    })).Value;

    /// <summary>Stops a run whose model has containers, added by whomever, when no runtime answers: with a sentence, and before Aspire waits.</summary>
    public static IResourceBuilder<HardenResource> WithContainersOnlyIfTheyRun(this IResourceBuilder<HardenResource> gateway)
    {
        var builder = gateway.ApplicationBuilder;
        if (builder.ExecutionContext.IsRunMode)
        {
            builder.OnBeforeStart((started, _) =>
            {
                var containers = started.Model.GetContainerResources().Select(static container => container.Name).Order().ToArray();
                return containers.Length == 0 || Runtime(builder) is not null ? Task.CompletedTask
                    : throw new DistributedApplicationException($"{string.Join(", ", containers)} run as containers, and neither Docker nor Podman answers. Start one of them, or take these resources out of the AppHost.");
            });
        }
        return gateway;
    }
}
