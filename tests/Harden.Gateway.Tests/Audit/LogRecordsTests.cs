using System.Text;
using Harden.Gateway.Configuration;
using Harden.Gateway.Tests.Infrastructure;
using Harden.Gateway.Tests.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Audit;

public sealed class LogRecordsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FinishedExchange_IsOneLogRecordIfAskedFor(bool asked)
    {
        await using var collector = OtlpReceiver.Start();
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        string trace;
        await using (var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"Audit:LogRecords={asked}", $"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT={collector.Address}v1/logs", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/protobuf"))
        {
            using var answer = await gateway.Client.GetAsync("/orders?token=hunter2&page=3");
            trace = answer.Headers.GetValues("X-Harden-Trace").Single();
            await gateway.RecordOf("/orders");
        }

        var sent = collector.At("/v1/logs");
        Assert.Equal(asked, sent.AsSpan().IndexOf("GET /orders 200"u8) >= 0);
        Assert.Equal(asked, sent.AsSpan().IndexOf("token=*&page=3"u8) >= 0);
        Assert.Equal(asked, sent.AsSpan().IndexOf("harden.exchange"u8) >= 0);
        Assert.Equal(asked, sent.AsSpan().IndexOf(Convert.FromHexString(trace)) >= 0);
        Assert.Equal(-1, sent.AsSpan().IndexOf(Encoding.ASCII.GetBytes("hunter2")));
    }

    [Fact]
    public async Task WithoutAPlaceToSendThemTo_TheyAreRefused()
    {
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => GatewayUnderTest.StartAsync(new Uri("http://127.0.0.1:9"), "Audit:LogRecords=true"));

        Assert.Contains("Audit:LogRecords = \"true\": needs a place to send them to", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CollectorThatIsDown_HoldsNothingUp()
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Audit:LogRecords=true", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://127.0.0.1:9/v1/logs", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/protobuf");

        for (var i = 0; i < 50; i++)
            Assert.Equal("ok", await gateway.Client.GetStringAsync($"/n{i}"));

        await gateway.RecordOf("/n49");
    }
}
