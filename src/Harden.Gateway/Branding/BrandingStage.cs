using Harden.Gateway.Configuration;

namespace Harden.Gateway.Branding;

/// <summary>Adds the look of Harden's pages.</summary>
internal static class BrandingStage
{
    /// <summary>Adds section <c>Branding</c>.</summary>
    public static WebApplicationBuilder AddBranding(this WebApplicationBuilder builder)
    {
        var configuration = (HardenConfiguration)builder.Services.Single(static s => s.ServiceType == typeof(HardenConfiguration)).ImplementationInstance!;
        builder.AddSection<BrandingOptions>("Branding", (options, problems) => BrandingOptionsValidator.Validate(options, problems, DirectoryOf(configuration)));
        builder.Services.AddSingleton<PageLooks>();
        return builder;
    }

    /// <summary>Maps <c>/.harden/logo</c>.</summary>
    public static IEndpointRouteBuilder MapBranding(this IEndpointRouteBuilder harden)
    {
        harden.MapMethods(ReservedPrefix.Path + "/logo", ["GET", "HEAD"], LogoAsync);
        return harden;
    }

    /// <summary>What files are relative to: the folder of harden.json.</summary>
    public static string DirectoryOf(HardenConfiguration configuration) => Path.GetDirectoryName(configuration.File) ?? Directory.GetCurrentDirectory();

    private static async Task LogoAsync(HttpContext context)
    {
        RequestScope.Of(context).Decision = new(DecisionAction.Answer, "logo");
        if (context.RequestServices.GetRequiredService<PageLooks>().Current.Logo is not { } logo)
        {
            await Answer.WriteAsync(context, StatusCodes.Status404NotFound, "Not found", "There is no logo: Branding:LogoFile names none.");
            return;
        }
        var response = context.Response;
        response.ContentType = logo.ContentType;
        response.ContentLength = logo.Bytes.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        // An SVG that is opened by itself is a document of the app's origin: its scripts must not run.
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        response.Headers.CacheControl = context.Request.Query["v"] == logo.Version ? "public, max-age=31536000, immutable" : "no-cache";
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(logo.Bytes, context.RequestAborted);
    }
}
