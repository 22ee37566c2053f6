using System.Net;
using System.Text.Json.Nodes;

namespace Harden.Gateway.Tests.Identity;

/// <summary>Faults and key rotation on demand, and the shape of the metadata.</summary>
public sealed class DevEntraFaultTests
{
    private const string Metadata = $"/{EntraUnderTest.Tenant}/v2.0/.well-known/openid-configuration";
    private const string Keys = $"/{EntraUnderTest.Tenant}/discovery/v2.0/keys";

    [Fact]
    public async Task Status_IsAnsweredByTheNamedEndpointsAsOftenAsAsked()
    {
        await using var entra = await DevEntraClient.StartAsync();

        await entra.SendAsync("/dev/faults", ("status", "503"), ("on", "discovery,token"), ("times", "2"));

        int[] answers = [await StatusAsync(entra, Metadata), await StatusAsync(entra, Keys), await StatusAsync(entra, Metadata), await StatusAsync(entra, Metadata)];

        Assert.Equal<int>([503, 200, 503, 200], answers);
    }

    [Fact]
    public async Task Faults_EndWhenTheyAreTakenBack()
    {
        await using var entra = await DevEntraClient.StartAsync();
        await entra.SendAsync("/dev/faults", ("status", "500"), ("token", "expired"));
        Assert.Equal(500, await StatusAsync(entra, Keys));

        var (_, now) = await entra.SendAsync("/dev/faults");

        Assert.Equal("""{"on":[],"slow":0,"status":0,"error":"","times":0,"token":""}""", now.ToJsonString());
        Assert.Equal(200, await StatusAsync(entra, Keys));
    }

    [Fact]
    public async Task SlowEndpoint_AnswersLater()
    {
        await using var entra = await DevEntraClient.StartAsync();
        await entra.SendAsync("/dev/faults", ("slow", "600"), ("on", "keys"));

        var keys = entra.GetAsync(Keys);
        Assert.Equal(200, await StatusAsync(entra, Metadata));

        Assert.False(keys.IsCompleted);
    }

    [Theory]
    [InlineData("on", "everything")]
    [InlineData("status", "200")]
    [InlineData("slow", "long")]
    [InlineData("error", "Not An Error")]
    [InlineData("token", "bad")]
    public async Task FaultThatDoesNotExist_IsNamed(string name, string value)
    {
        await using var entra = await DevEntraClient.StartAsync();

        var (status, body) = await entra.SendAsync("/dev/faults", (name, value));

        Assert.Equal(400, status);
        Assert.Contains(name, body["error_description"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherSite_CannotSetFaults()
    {
        await using var entra = await DevEntraClient.StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new(entra.Entra.Urls.First()), "/dev/faults"))
        {
            Content = new FormUrlEncodedContent([new("status", "500")]), Headers = { { "Sec-Fetch-Site", "cross-site" } },
        };

        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(200, await StatusAsync(entra, Metadata));
    }

    [Fact]
    public async Task Keys_RotateOnDemand()
    {
        await using var entra = await DevEntraClient.StartAsync();
        var first = await KidsAsync(entra);

        await entra.SendAsync("/dev/keys", ("forget", "false"));
        var second = await KidsAsync(entra);
        await entra.SendAsync("/dev/keys", ("forget", "true"));
        var third = await KidsAsync(entra);

        Assert.Equal(first[0], second[1]);
        Assert.Equal([1, 2, 1], [first.Length, second.Length, third.Length]);
        Assert.Equal(3, first.Concat(second).Concat(third).Distinct().Count());
    }

    [Theory]
    [InlineData(EntraUnderTest.Tenant, EntraUnderTest.Tenant)]
    [InlineData("common", "{tenantid}")]
    [InlineData("organizations", "{tenantid}")]
    public async Task Metadata_IsShapedAsEntras(string tenant, string issuer)
    {
        await using var entra = await DevEntraClient.StartAsync();
        using var answer = await entra.GetAsync($"/{tenant}/v2.0/.well-known/openid-configuration");
        var document = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        var origin = entra.Entra.Urls.First();

        Assert.Equal($"{origin}/{issuer}/v2.0", document["issuer"]!.GetValue<string>());
        Assert.Equal($"{origin}/{tenant}/oauth2/v2.0/devicecode", document["device_authorization_endpoint"]!.GetValue<string>());
        Assert.Equal($"{origin}/{tenant}/oauth2/v2.0/logout", document["end_session_endpoint"]!.GetValue<string>());
        using var keys = await entra.GetAsync(new Uri(document["jwks_uri"]!.GetValue<string>()).AbsolutePath);
        var key = JsonNode.Parse(await keys.Content.ReadAsStringAsync())!["keys"]![0]!;
        Assert.Equal($"{origin}/{issuer}/v2.0", key["issuer"]!.GetValue<string>());
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(Convert.FromBase64String(key["x5c"]![0]!.GetValue<string>()));
        Assert.Equal(key["kid"]!.GetValue<string>(), System.Buffers.Text.Base64Url.EncodeToString(certificate.GetCertHash()));
    }

    private static async Task<string[]> KidsAsync(DevEntraClient entra)
    {
        using var answer = await entra.GetAsync(Keys);
        return [.. JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["keys"]!.AsArray().Select(static k => k!["kid"]!.GetValue<string>())];
    }

    private static async Task<int> StatusAsync(DevEntraClient entra, string path)
    {
        using var answer = await entra.GetAsync(path);
        return (int)answer.StatusCode;
    }
}
