using System.Globalization;
using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace Harden.Hosting;

/// <summary>Who signs people in: the configured Microsoft Entra application, DevEntra in a Development run, parameters in a deployment.</summary>
internal static class SignIn
{
    private const string Tenant = "de000000-0000-4000-8000-000000000001", Client = "de000000-0000-4000-8000-0000000000c1";
    private const string DevEntraName = "deventra", DevEntraSecret = "deventra-secret";
    private const int Port = 8082;

    /// <summary>Adds what the gateway's own configuration leaves open.</summary>
    public static IResourceBuilder<HardenResource> WithSignIn(this IResourceBuilder<HardenResource> gateway)
    {
        var builder = gateway.ApplicationBuilder;
        if (builder.ExecutionContext.IsPublishMode)
            return gateway.WithEntraParameters();
        var own = builder.Configuration.GetSection("AzureAd");
        if (gateway.Resource.Settings.HasEntra)
            return gateway;
        if (!string.IsNullOrEmpty(own["ClientId"]) || !string.IsNullOrEmpty(own["TenantId"]))
            return gateway.WithEnvironment(context => Copy(own, context));
        return builder.Environment.IsDevelopment() ? gateway.WithDevEntra() : gateway; // elsewhere the gateway says that AzureAd is missing
    }

    // The AppHost's AzureAd section, typically its user secrets, under the gateway's own names.
    private static void Copy(Microsoft.Extensions.Configuration.IConfigurationSection section, EnvironmentCallbackContext context)
    {
        foreach (var (key, value) in Microsoft.Extensions.Configuration.ConfigurationExtensions.AsEnumerable(section))
        {
            if (value is not null)
                context.EnvironmentVariables[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }
    }

    private static IResourceBuilder<HardenResource> WithEntraParameters(this IResourceBuilder<HardenResource> gateway)
    {
        var builder = gateway.ApplicationBuilder;
        var (file, name) = (gateway.Resource.Settings.InFile, gateway.Resource.Name);
        if (string.IsNullOrEmpty(file["AzureAd:TenantId"]))
            gateway.WithEnvironment("AzureAd__TenantId", builder.AddParameter($"{name}-entra-tenant-id"));
        if (string.IsNullOrEmpty(file["AzureAd:ClientId"]))
            gateway.WithEnvironment("AzureAd__ClientId", builder.AddParameter($"{name}-entra-client-id"));
        if (string.IsNullOrEmpty(file["AzureAd:ClientSecret"]) && !file.GetSection("AzureAd:ClientCredentials").GetChildren().Any())
            gateway.WithEnvironment("AzureAd__ClientSecret", builder.AddParameter($"{name}-entra-client-secret", secret: true));
        return gateway;
    }

    private static IResourceBuilder<HardenResource> WithDevEntra(this IResourceBuilder<HardenResource> gateway)
    {
        var builder = gateway.ApplicationBuilder;
        // One for all gateways of the AppHost, as there is one Entra.
        var present = builder.Resources.OfType<ProjectResource>().FirstOrDefault(static resource => resource.Name == DevEntraName);
        var secret = present is null
            ? builder.AddParameter(DevEntraSecret, RandomNumberGenerator.GetHexString(48, lowercase: true), secret: true)
            : builder.CreateResourceBuilder(builder.Resources.OfType<ParameterResource>().First(static parameter => parameter.Name == DevEntraSecret));
        var entra = present is null ? AddDevEntra(builder, secret, gateway.Resource.Settings.Listen("DevEntra:Listen")?.Port ?? Port) : builder.CreateResourceBuilder(present);
        return gateway.WaitFor(entra)
            .WithEnvironment("AzureAd__Instance", ReferenceExpression.Create($"{entra.GetEndpoint("http")}/"))
            .WithEnvironment("AzureAd__TenantId", Tenant)
            .WithEnvironment("AzureAd__ClientId", Client)
            .WithEnvironment("AzureAd__ClientSecret", secret);
    }

    private static IResourceBuilder<ProjectResource> AddDevEntra(IDistributedApplicationBuilder builder, IResourceBuilder<ParameterResource> secret, int port) =>
        builder.AddResource(new ProjectResource(DevEntraName)).AsHardenProject("Harden_DevEntra")
            .WithIconName("PersonKey")
            .WithHttpEndpoint(port, port, "http", isProxied: false)
            .WithEnvironment("DevEntra__Listen", string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"))
            .WithEnvironment("DevEntra__TenantId", Tenant)
            .WithEnvironment("DevEntra__ClientId", Client)
            .WithEnvironment("DevEntra__ClientSecret", secret)
            .WithHttpHealthCheck($"/{Tenant}/v2.0/.well-known/openid-configuration")
            .WithUrlForEndpoint("http", static url => url.DisplayText = "DevEntra, the stand-in for Microsoft Entra ID")
            .ExcludeFromManifest();
}
