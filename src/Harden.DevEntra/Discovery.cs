using System.Text.Json.Nodes;

namespace Harden.DevEntra;

/// <summary>Metadata and keys.</summary>
internal static class Discovery
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/{tenant}/v2.0/.well-known/openid-configuration", static (HttpContext context, string tenant, DevEntraOptions options) =>
            Served(tenant, options)
                ? context.Response.WriteAsJsonAsync(Document(Origin(context), tenant.ToLowerInvariant()))
                : Problem.WriteAsync(context, 400, "invalid_tenant", $"AADSTS90002: Tenant '{tenant}' not found. DevEntra serves {options.TenantId}, common and organizations."));
        app.MapGet("/{tenant}/.well-known/openid-configuration", static (HttpContext context, string tenant, DevEntraOptions options) => // v1: only its issuer differs
        {
            var document = Document(Origin(context), tenant.ToLowerInvariant());
            document["issuer"] = $"{Origin(context)}/{Named(tenant)}/";
            return Served(tenant, options) ? Results.Json(document) : Results.BadRequest();
        });
        app.MapGet("/{tenant}/discovery/v2.0/keys", static (HttpContext context, string tenant, SigningKeys keys) => Results.Json(keys.Published($"{Origin(context)}/{Named(tenant)}/v2.0")));
        app.MapGet("/", static (DevEntraOptions options) => $"DevEntra, a stand-in for Microsoft Entra ID. Development only.\nTenant {options.TenantId}, app {options.ClientId}.\nFaults and key rotation on demand: /dev/faults. Device codes: /devicelogin.\n");
    }

    /// <summary>This server as the caller sees it.</summary>
    public static string Origin(HttpContext context) => $"http://{context.Request.Host}";

    /// <summary>True for the tenant served and for the names that stand for any tenant.</summary>
    public static bool Served(string tenant, DevEntraOptions options) =>
        tenant.Equals(options.TenantId, StringComparison.OrdinalIgnoreCase) || tenant.Equals(Persona.OtherTenant, StringComparison.OrdinalIgnoreCase) || AnyTenant(tenant);

    /// <summary>True for <c>common</c> and <c>organizations</c>.</summary>
    public static bool AnyTenant(string tenant) =>
        tenant.Equals("common", StringComparison.OrdinalIgnoreCase) || tenant.Equals("organizations", StringComparison.OrdinalIgnoreCase);

    // Where the name stands for any tenant, issuers are a template.
    private static string Named(string tenant) => AnyTenant(tenant) ? "{tenantid}" : tenant.ToLowerInvariant();

    private static JsonObject Document(string origin, string tenant)
    {
        var oauth = $"{origin}/{tenant}/oauth2/v2.0";
        return new()
        {
            ["issuer"] = $"{origin}/{Named(tenant)}/v2.0",
            ["authorization_endpoint"] = $"{oauth}/authorize",
            ["token_endpoint"] = $"{oauth}/token",
            ["device_authorization_endpoint"] = $"{oauth}/devicecode",
            ["end_session_endpoint"] = $"{oauth}/logout",
            ["jwks_uri"] = $"{origin}/{tenant}/discovery/v2.0/keys",
            ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_post", "client_secret_basic", "none"),
            ["response_modes_supported"] = new JsonArray("query"),
            ["response_types_supported"] = new JsonArray("code"),
            ["subject_types_supported"] = new JsonArray("pairwise"),
            ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
            ["code_challenge_methods_supported"] = new JsonArray("S256"),
            ["scopes_supported"] = new JsonArray("openid", "profile", "email", "offline_access"),
            ["claims_supported"] = new JsonArray("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "preferred_username", "name", "tid", "oid", "sid", "ver", "email", "acrs"),
            ["claims_parameter_supported"] = true,
            ["request_uri_parameter_supported"] = false,
            ["tenant_region_scope"] = null,
            ["cloud_instance_name"] = "microsoftonline.com",
            ["cloud_graph_host_name"] = "graph.windows.net",
            ["msgraph_host"] = "graph.microsoft.com",
            ["rbac_url"] = "https://pas.windows.net",
            ["frontchannel_logout_supported"] = true,
            ["http_logout_supported"] = true,
        };
    }
}
