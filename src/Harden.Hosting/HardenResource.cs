using Harden.Hosting.Decisions;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The Harden gateway: the only way to the app it stands in front of. Added with <see cref="HardenBuilderExtensions.AddHarden"/>.</summary>
public sealed class HardenResource : ProjectResource
{
    internal const string AppEndpointName = "http", ConsoleEndpointName = "console";

    internal HardenResource(string name, GatewaySettings settings) : base(name) => Settings = settings;

    /// <summary>Where people use the app, behind sign-in.</summary>
    public EndpointReference AppEndpoint => new(this, AppEndpointName);

    /// <summary>Where administrators and reviewers see what was done: records, integrity, limits, metrics. It has roles of its own.</summary>
    public EndpointReference ConsoleEndpoint => new(this, ConsoleEndpointName);

    /// <summary>The gateway's configuration as it will read it.</summary>
    internal GatewaySettings Settings { get; }

    /// <summary>Where sign-ins and the counters of limits are kept, and why there.</summary>
    internal RedisChoice? Redis { get; set; }

    /// <summary>The app behind the gateway; null as long as <c>InFrontOf</c> was not called.</summary>
    internal IResource? App { get; set; }
}
