using System.Text.Json;

namespace Harden.Gateway.Configuration;

/// <summary>Reads <c>harden.json</c> with environment and command line on top, and lets stages declare their sections.</summary>
internal static class ConfigurationStage
{
    /// <summary>
    /// A builder whose configuration is, weakest first: <c>harden.json</c> (<c>--config PATH</c> or <c>HARDEN_CONFIG</c>, else the one
    /// in the working directory), user secrets in Development, environment variables, the command line.
    /// </summary>
    /// <exception cref="ConfigurationException">The named file is missing or not JSON.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        var named = builder.Configuration["config"] ?? builder.Configuration["HARDEN_CONFIG"];
        var file = Path.GetFullPath(named ?? "harden.json");
        if (named is not null && !File.Exists(file))
            throw new ConfigurationException([new("config", named, "names a file that does not exist. Give the path of a harden.json, or leave it out.", "")]);
        var loaded = false;
        try
        {
            builder.Configuration.Sources.Clear();
            builder.Configuration
                .AddJsonFile(json =>
                {
                    json.Path = file;
                    json.Optional = true;
                    json.ReloadOnChange = true;
                    json.OnLoadException = failure => failure.Ignore = loaded; // a broken reload is found, reported and refused by Load
                    json.ResolveFileProvider();
                })
                .AddUserSecretsInDevelopment(builder.Environment)
                .AddEnvironmentVariables()
                .AddCommandLine(args);
            loaded = true;
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            var json = e.InnerException as JsonException ?? e.InnerException?.InnerException as JsonException;
            throw new ConfigurationException([json is null ? new("configuration", null, (e.InnerException ?? e).Message, Path.GetFileName(file)) : HardenConfiguration.NotJson(file, json)]);
        }
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // a start that fails is told in one sentence by Main
        builder.Services.AddSingleton(new HardenConfiguration(builder.Configuration, File.Exists(file) ? file : null));
        builder.Services.AddSingleton(new StateDirectory(
            Path.GetFullPath(builder.Configuration["StateDirectory"] ?? ".harden", Path.GetDirectoryName(file)!)));
        return builder;
    }

    /// <summary>Reloads the configuration whenever one of its sources changes, for as long as the app runs.</summary>
    public static void WatchConfiguration(this WebApplication app)
    {
        var watch = app.Services.GetRequiredService<HardenConfiguration>().Watch(app.Logger);
        app.Lifetime.ApplicationStopped.Register(watch.Dispose);
    }

    /// <summary>Declares a stage's section and makes it available as <see cref="Live{T}"/>.</summary>
    public static Live<T> AddSection<T>(this WebApplicationBuilder builder, string key, Action<T, Problems>? validate = null, bool foreignKeys = false)
        where T : class, new()
    {
        var live = Of(builder).Add(key, validate, foreignKeys);
        builder.Services.AddSingleton(live);
        return live;
    }

    /// <summary>Reads and checks all declared sections. Call it after every stage has been added.</summary>
    /// <exception cref="ConfigurationException">Anything is wrong; the message lists all of it.</exception>
    public static void LoadConfiguration(this WebApplicationBuilder builder) => Of(builder).Load();

    private static IConfigurationBuilder AddUserSecretsInDevelopment(this IConfigurationBuilder configuration, IHostEnvironment environment) =>
        environment.IsDevelopment() ? configuration.AddUserSecrets(typeof(ConfigurationStage).Assembly, optional: true) : configuration;

    private static HardenConfiguration Of(WebApplicationBuilder builder) =>
        (HardenConfiguration)builder.Services.Single(static s => s.ServiceType == typeof(HardenConfiguration)).ImplementationInstance!;
}
