using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Harden.Gateway.Tests.Telemetry;

public sealed class TelemetryMiddlewareTests
{
    private const string Foreign = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task ProxiedAnswer_CarriesTheTraceThatThePrototypeSaw()
    {
        await using var prototype = await TestPrototype.StartAsync(static context =>
        {
            context.Response.Headers["X-Harden-Trace"] = "forged";
            return context.Response.WriteAsync($"{context.Request.Headers.TraceState}{context.Request.Headers.TraceParent}");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("traceparent", Foreign);
        request.Headers.TryAddWithoutValidation("tracestate", "foreign=1");

        using var answer = await gateway.Client.SendAsync(request);

        var traceId = Assert.Single(answer.Headers.GetValues("X-Harden-Trace"));
        Assert.Equal(32, traceId.Length);
        var seen = await answer.Content.ReadAsStringAsync();
        Assert.StartsWith($"00-{traceId}-", seen, StringComparison.Ordinal);
        Assert.EndsWith("-01", seen, StringComparison.Ordinal); // nobody exports here, which must not switch the prototype's own tracing off
    }

    [Theory]
    [InlineData("/", HttpStatusCode.Forbidden)]
    [InlineData("/.harden/nothing", HttpStatusCode.NotFound)]
    [InlineData("/a%2fb", HttpStatusCode.BadRequest)]
    public async Task HardensOwnAnswer_CarriesATrace(string path, HttpStatusCode status)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new("http://127.0.0.1:9"), "Access:Default=Nobody");

        using var answer = await gateway.Client.GetAsync(path);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(answer.Headers.GetValues("X-Harden-Trace").Single(), await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task IncomingTrace_IsContinuedOnlyWhereItIsTrusted(bool trusted)
    {
        await using var app = await TracedApp.StartAsync(static context => context.Response.WriteAsync(Activity.Current!.Id!), $"Telemetry:TrustIncomingTrace={trusted}");

        var seen = await SendAsync(app, Foreign);

        Assert.Equal(trusted, seen.Contains("0af7651916cd43dd8448eb211c80319c", StringComparison.Ordinal));
        Assert.DoesNotContain("b7ad6b7169203331", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    public async Task MalformedIncomingTrace_StartsANewOne(string traceParent)
    {
        await using var app = await TracedApp.StartAsync(static context => context.Response.WriteAsync(RequestScope.Of(context).TraceId), "Telemetry:TrustIncomingTrace=true");

        var traceId = await SendAsync(app, traceParent);

        Assert.Equal(32, traceId.Length);
        Assert.NotEqual(new string('0', 32), traceId);
        Assert.DoesNotContain("0af7651916cd", traceId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UntrustedIncomingTrace_IsKeptAsALinkOfTheExportedSpan()
    {
        await using var collector = OtlpReceiver.Start();
        await using (var app = await TracedApp.StartAsync(static _ => Task.CompletedTask,
            $"OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"))
            await SendAsync(app, Foreign);

        Assert.True(collector.At("/v1/traces").AsSpan().IndexOf(Convert.FromHexString("b7ad6b7169203331")) >= 0, "no link to the caller's span");
    }

    [Fact]
    public async Task CredentialInThePath_IsNotExported()
    {
        await using var collector = OtlpReceiver.Start();
        await using (var app = await TracedApp.StartAsync(static _ => Task.CompletedTask,
            $"OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"))
        {
            using var plain = await app.Client.GetAsync("/reset/ghp_a1b2c3d4e5f6g7h8i9j0/now");
            using var encoded = await app.Client.GetAsync("/reset/%67hp_a1b2c3d4e5f6g7h8i9j0");
        }

        var exported = System.Text.Encoding.Latin1.GetString(collector.At("/v1/traces"));
        Assert.Contains("/reset/*/now", exported, StringComparison.Ordinal);
        Assert.DoesNotContain("a1b2c3d4e5f6", exported, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CredentialInTheUserAgentMethodHostOrTraceState_IsNotExported()
    {
        await using var collector = OtlpReceiver.Start();
        await using (var app = await TracedApp.StartAsync(static _ => Task.CompletedTask,
            $"OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"))
        {
            using var request = new HttpRequestMessage(new("ghp_m1b2c3d4e5f6g7h8i9j0"), "/");
            request.Headers.TryAddWithoutValidation("User-Agent", "tool/1 (ghp_u1b2c3d4e5f6g7h8i9j0)");
            request.Headers.TryAddWithoutValidation("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
            request.Headers.TryAddWithoutValidation("tracestate", "vendor=ghp_s1b2c3d4e5f6g7h8i9j0");
            request.Headers.Host = "ghp_h1b2c3d4e5f6g7h8i9j0";
            using var answer = await app.Client.SendAsync(request);
            using var plain = new HttpRequestMessage(HttpMethod.Get, "/");
            plain.Headers.TryAddWithoutValidation("User-Agent", "tool/2");
            using var second = await app.Client.SendAsync(plain);
        }

        var exported = System.Text.Encoding.Latin1.GetString(collector.At("/v1/traces"));
        Assert.Contains("tool/2", exported, StringComparison.Ordinal);
        Assert.DoesNotContain("1b2c3d4e5f6", exported, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task UnhandledException_Is500WithoutItsDetails()
    {
        await using var app = await TracedApp.StartAsync(static context =>
        {
            context.Response.Headers["X-Half"] = "made";
            throw new InvalidOperationException("secret detail");
        });

        using var answer = await app.Client.GetAsync("/");

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.False(answer.Headers.Contains("X-Half"));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotContain("secret detail", text, StringComparison.Ordinal);
        Assert.Contains(answer.Headers.GetValues("X-Harden-Trace").Single(), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExceptionAfterTheAnswerBegan_CutsTheConnection()
    {
        await using var app = await TracedApp.StartAsync(static async context =>
        {
            context.Response.ContentLength = 10;
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            throw new InvalidOperationException("broken");
        });

        await Assert.ThrowsAsync<HttpRequestException>(() => app.Client.GetStringAsync("/"));
    }

    [Fact]
    public async Task Upgrade_CarriesATrace()
    {
        await using var app = await TracedApp.StartAsync(static async context =>
        {
            await using var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        });
        using var socket = new TcpClient();
        await socket.ConnectAsync(app.Client.BaseAddress!.Host, app.Client.BaseAddress.Port);
        await socket.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"u8.ToArray());

        using var reader = new StreamReader(socket.GetStream());
        var answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));

        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        Assert.Matches("X-Harden-Trace: [0-9a-f]{32}\r\n", answer);
    }

    [Fact]
    public async Task BodyOverTheLimit_IsRefusedAndNotAnError()
    {
        await using var app = await TracedApp.StartAsync(static context => context.Request.Body.CopyToAsync(Stream.Null), "Edge:MaxBody=10");

        using var answer = await app.Client.PostAsync("/", new StringContent(new string('x', 100)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    private static async Task<string> SendAsync(TracedApp app, string traceParent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("traceparent", traceParent);
        // The test's own client would put its activity's id beside the header otherwise.
        Activity.Current = null;
        using var answer = await app.Client.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }
}
