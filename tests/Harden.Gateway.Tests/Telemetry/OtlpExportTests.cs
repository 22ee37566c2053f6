using System.Text;
using Harden.Gateway.Configuration;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Telemetry;

public sealed class OtlpExportTests
{
    private const string Secret = "canary-4711";

    [Fact]
    public async Task EndpointSet_AllThreeSignalsArriveWithTheTraceIdAndWithoutTheQuery()
    {
        await using var collector = OtlpReceiver.Start();
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync(context.Request.Headers.TraceParent.ToString()));
        string traceId, parent;
        await using (var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}",
            "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_SERVICE_NAME=tracker-gateway", "OTEL_RESOURCE_ATTRIBUTES=team=onboarding",
            "Logging:LogLevel:Default=Information"))
        {
            using var answer = await gateway.Client.GetAsync($"/orders?token={Secret}&{Secret}");
            traceId = answer.Headers.GetValues("X-Harden-Trace").Single();
            parent = (await answer.Content.ReadAsStringAsync()).Split('-')[2];
        }

        var traces = collector.At("/v1/traces");
        var raw = Convert.FromHexString(traceId);
        Assert.True(traces.AsSpan().IndexOf(raw) >= 0, "the exported spans do not contain the answer's trace id");
        Assert.True(traces.AsSpan().IndexOf(Convert.FromHexString(parent)) >= 0, "the prototype's parent span was never exported");
        foreach (var text in new[] { "tracker-gateway", "onboarding", "http.request.method", "url.path", "/orders", "harden.decision", "client.address" })
            Assert.True(traces.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0, $"the exported spans do not contain {text}");
        Assert.True(collector.At("/v1/metrics").AsSpan().IndexOf("http.server.request.duration"u8) >= 0, "no request metrics arrived");
        Assert.True(collector.At("/v1/logs").AsSpan().IndexOf("tracker-gateway"u8) >= 0, "no logs arrived");
        foreach (var path in new[] { "/v1/traces", "/v1/metrics", "/v1/logs" })
            Assert.True(collector.At(path).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret)) < 0, $"the query's secret arrived at {path}");
        Assert.All(collector.Types, static type => Assert.Equal("application/x-protobuf", type));
    }

    [Fact]
    public async Task FailedRequest_IsLoggedWithItsTraceId()
    {
        await using var collector = OtlpReceiver.Start();
        string traceId;
        await using (var app = await TracedApp.StartAsync(static _ => throw new InvalidOperationException("broken"),
            $"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT={collector.Address}v1/logs", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"))
        {
            using var answer = await app.Client.GetAsync("/");
            traceId = answer.Headers.GetValues("X-Harden-Trace").Single();
        }

        Assert.True(collector.At("/v1/logs").AsSpan().IndexOf(Convert.FromHexString(traceId)) >= 0, "the log record does not carry the trace id");
        Assert.Empty(collector.At("/v1/traces"));
    }

    [Fact]
    public async Task OnlyTracesEndpointSet_OnlyTracesArrive()
    {
        await using var collector = OtlpReceiver.Start();
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using (var gateway = await GatewayUnderTest.StartAsync(prototype.Address,
            $"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT={collector.Address}custom/traces", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf"))
            await gateway.Client.GetStringAsync("/");

        Assert.NotEmpty(collector.At("/custom/traces"));
        Assert.Empty(collector.At("/v1/metrics"));
        Assert.Empty(collector.At("/v1/logs"));
    }

    [Fact]
    public async Task SamplerAlwaysOff_NoSpanLeavesAndThePrototypeIsToldSo()
    {
        await using var collector = OtlpReceiver.Start();
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync(context.Request.Headers.TraceParent.ToString()));
        string seen, traceId;
        await using (var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}",
            "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_TRACES_SAMPLER=always_off"))
        {
            using var answer = await gateway.Client.GetAsync("/");
            seen = await answer.Content.ReadAsStringAsync();
            traceId = answer.Headers.GetValues("X-Harden-Trace").Single();
        }

        Assert.Empty(collector.At("/v1/traces"));
        Assert.StartsWith($"00-{traceId}-", seen, StringComparison.Ordinal);
        Assert.EndsWith("-00", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317", "OTEL_EXPORTER_OTLP_ENDPOINT = \"collector:4317\": must be an absolute http or https address")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/json", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL = \"http/json\": must be one of grpc, http/protobuf.")]
    public async Task VariableThatTheSdkWouldIgnore_IsRefused(string setting, string problem)
    {
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => GatewayUnderTest.StartAsync(new Uri("http://127.0.0.1:9"), setting));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }
}
