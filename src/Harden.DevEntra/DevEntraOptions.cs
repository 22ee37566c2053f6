namespace Harden.DevEntra;

/// <summary>Section <c>DevEntra</c>.</summary>
internal sealed record DevEntraOptions
{
    /// <summary>Where to listen; loopback and http only. Default <c>http://localhost:8082</c>.</summary>
    public required Uri Listen { get; init; }

    /// <summary>The tenant served, a GUID. Default de000000-0000-4000-8000-000000000001.</summary>
    public required string TenantId { get; init; }

    /// <summary>The one registered app. Default de000000-0000-4000-8000-0000000000c1.</summary>
    public required string ClientId { get; init; }

    /// <summary>The app's secret; if set, the token endpoint demands it. Default: none.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>How long somebody may take to type a device code, in seconds. Default 900, as in Entra.</summary>
    public required TimeSpan DeviceCodeLifetime { get; init; }

    /// <summary>How long a device has to wait between two requests for its token, in seconds. Default 5, as in Entra.</summary>
    public required TimeSpan DeviceCodeInterval { get; init; }

    /// <exception cref="RefusedException">The one reason not to start.</exception>
    public static DevEntraOptions Read(IConfiguration configuration, IHostEnvironment environment)
    {
        if (!environment.IsDevelopment())
            throw new RefusedException($"DevEntra signs in anyone as anyone, so it starts only in Development, and this environment is \"{environment.EnvironmentName}\": use a Microsoft Entra tenant, or set ASPNETCORE_ENVIRONMENT=Development on a developer's machine.");
        var section = configuration.GetSection("DevEntra");
        var listen = section["Listen"] ?? "http://localhost:8082";
        if (!Uri.TryCreate(listen, UriKind.Absolute, out var uri) || uri.Scheme != "http" || !uri.IsLoopback)
            throw new RefusedException($"DevEntra:Listen = \"{listen}\": must be a loopback address such as http://localhost:8082, because DevEntra signs in anyone as anyone.");
        var tenant = section["TenantId"] ?? "de000000-0000-4000-8000-000000000001";
        if (!Guid.TryParse(tenant, out _))
            throw new RefusedException($"DevEntra:TenantId = \"{tenant}\": must be a GUID, as a tenant's id is.");
        return new()
        {
            Listen = uri,
            TenantId = tenant.ToLowerInvariant(),
            ClientId = section["ClientId"] ?? "de000000-0000-4000-8000-0000000000c1",
            ClientSecret = string.IsNullOrEmpty(section["ClientSecret"]) ? null : section["ClientSecret"],
            DeviceCodeLifetime = Seconds(section, "DeviceCodeLifetime", 900),
            DeviceCodeInterval = Seconds(section, "DeviceCodeInterval", 5),
        };
    }

    private static TimeSpan Seconds(IConfigurationSection section, string key, int otherwise) =>
        section[key] is not { Length: > 0 } text ? TimeSpan.FromSeconds(otherwise)
        : int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 3600 ? TimeSpan.FromSeconds(seconds)
        : throw new RefusedException($"DevEntra:{key} = \"{text}\": must be seconds, from 0 to 3600.");
}

/// <summary>DevEntra will not start; the message says why in one sentence.</summary>
internal sealed class RefusedException(string message) : Exception(message);
