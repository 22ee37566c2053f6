using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Harden.Audit.Bodies;
using Harden.Gateway.Tests.Infrastructure;
using Harden.Gateway.Tests.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Audit;

/// <summary>A secret in every place a request or an answer can have one, with both bodies recorded: it must be nowhere Harden writes or sends.</summary>
public sealed class BodyCanaryTests
{
    private const string Canary = "Canary7Secret9Value";
    private const string Token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJDYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ";
    private const string Kept = "kept-in-the-record";

    // What may be kept is named, as an app's owner would; text is kept too, so that patterns alone must find what is secret there.
    private static readonly string[] Settings =
    [
        "Audit:Rules:0:Level=RequestResponse", "Audit:Bodies:JsonPointers:0=/note", "Audit:Bodies:FormFields:0=note", "Audit:Bodies:MultipartParts:0=note", "Audit:Bodies:Text=true",
        "Audit:LogRecords=true", "Logging:LogLevel:Default=Trace", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
    ];

    [Fact]
    public async Task SecretAnywhere_IsNowhereInFilesBodiesSpansAndLogs()
    {
        await using var collector = OtlpReceiver.Start();
        await using var prototype = await TestPrototype.StartAsync(AnswerAsync);
        var bodies = new StringBuilder();
        string files;
        await using (var gateway = await GatewayUnderTest.StartAsync(prototype.Address, [.. Settings, $"OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}"]))
        {
            var requests = Requests().ToArray();
            foreach (var request in requests)
            {
                request.Headers.TryAddWithoutValidation("Cookie", $"app={Canary}");
                request.Headers.TryAddWithoutValidation("Referer", $"https://app/?code={Canary}");
                request.Headers.TryAddWithoutValidation("X-Api-Key", Canary);
                request.Headers.TryAddWithoutValidation("Authorization", $"Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes("ada:" + Canary))}");
                using var answer = await gateway.Client.SendAsync(request);
                Assert.Contains(Canary, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal); // the client still gets it
            }
            var reader = gateway.Services.GetRequiredService<BodyReader>();
            foreach (var view in await CompletedAsync(gateway, requests.Length))
            {
                foreach (var side in (BodySide[])[BodySide.Request, BodySide.Response])
                    bodies.AppendLine(Encoding.UTF8.GetString(reader.Open(view, side).Bytes ?? []));
            }
            files = Recorded.AllText(gateway.State);
        }

        var opened = bodies.ToString();
        Assert.True(opened.Split(Kept).Length > 10, "what is named is kept, so the sweep looked at something");
        foreach (var place in (string[])[opened, files, .. ((string[])["/v1/traces", "/v1/metrics", "/v1/logs"]).Select(path => Encoding.Latin1.GetString(collector.At(path)))])
        {
            Assert.NotEmpty(place);
            Assert.DoesNotContain(Canary, place, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("c2lnbmF0dXJlLWNhbmFyeQ", place, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.ASCII.GetBytes("ada:" + Canary)), place, StringComparison.Ordinal);
        }
        Assert.Contains("harden.exchange", Encoding.Latin1.GetString(collector.At("/v1/logs")), StringComparison.Ordinal);
    }

    private static IEnumerable<HttpRequestMessage> Requests()
    {
        yield return Post("json", new StringContent($$"""{"note":"{{Kept}}","password":"{{Canary}}","{{Canary}}":1,"deep":[{"x":"{{Canary}}"}]}""", Encoding.UTF8, "application/json"));
        yield return Post("json", new StringContent($$"""{"note":"{{Kept}} Bearer {{Token}}"}""", Encoding.UTF8, "application/json"));
        yield return Post("json?token=" + Canary, new StringContent($"\"{Canary}\"", Encoding.UTF8, "application/json"));
        yield return Post("json", Gzip($$"""{"note":"{{Kept}}","pin":"{{Canary}}"}""", "application/json"));
        yield return Post("form", new FormUrlEncodedContent([new("note", Kept), new("user", Canary), new(Canary, "x"), new("password", Canary)]));
        yield return Post("multipart", new MultipartFormDataContent { { new StringContent(Kept), "note" }, { new StringContent(Canary), "secret" }, { new ByteArrayContent(Encoding.ASCII.GetBytes(Canary)), "file", $"{Canary}.bin" } });
        yield return Post("text", new StringContent($"{Kept} token {Token}\n", Encoding.UTF8, "text/plain"));
        yield return Post("lines", new StringContent($"{{\"note\":\"{Kept}\",\"k\":\"{Canary}\"}}\n{{\"k\":\"{Canary}\"}}\n", Encoding.UTF8, "application/x-ndjson"));
        yield return Post("unknown", new StringContent(Canary, Encoding.UTF8, "application/octet-stream"));
        yield return Post("none", new ByteArrayContent(Encoding.ASCII.GetBytes(Canary)));
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        var response = context.Response;
        response.Headers.SetCookie = $"session={Canary}";
        response.Headers.Location = $"https://other/callback?code={Canary}#id_token={Token}";
        response.Headers["X-Answer"] = Canary;
        response.ContentType = "application/json";
        await response.WriteAsync($$"""{"note":"{{Kept}}","access_token":"{{Canary}}","list":["{{Canary}}"]}""");
    }

    private static HttpRequestMessage Post(string path, HttpContent content) => new(HttpMethod.Post, $"/{path}") { Content = content };

    private static ByteArrayContent Gzip(string text, string type)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return new(compressed.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue(type), ContentEncoding = { "gzip" } } };
    }

    private static Task<Harden.Audit.AuditEntry[]> CompletedAsync(GatewayUnderTest gateway, int count) => Recorded.Until(
        () => gateway.Reader().Read().Where(static v => v.State == Harden.Audit.AuditState.Complete).Select(static v => v.Entry).ToArray() is var all && all.Length == count ? all : null,
        $"{count} requests on record");
}
