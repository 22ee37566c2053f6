using System.Text;
using Harden.Audit;
using Harden.Audit.Index;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Audit;

public sealed class AuditSearchTests
{
    private static readonly string[] Capture = ["Audit:Rules:0:Level=RequestResponse", "Audit:Rules:0:Name=all", "Audit:Rules:0:Bodies:JsonPointers:0=/**"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WordsOfBodies_AreFoundOnlyIfAskedFor(bool indexed)
    {
        await using var prototype = await TestPrototype.StartAsync(static async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"bird":"quetzal"}""");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, [.. Capture, $"Audit:Index:Bodies={indexed}"]);
        using var body = new StringContent("""{"tree":"sycamore","password":"Canary7Secret9Value"}""", Encoding.UTF8, "application/json");
        await gateway.Client.PostAsync("/forest", body);
        await gateway.RecordOf("/forest");
        var records = gateway.Services.GetRequiredService<IAuditRecords>();

        await Recorded.Until(() => records.Remark.Length == 0 ? "" : null, "an index that is up to the log");
        foreach (var text in (string[])["quetz", "SYCAMORE forest"])
            Assert.Equal(indexed ? 1 : 0, (await records.SearchAsync(new() { Text = text }, null, 10, default)).Found.Count);
        Assert.Empty((await records.SearchAsync(new() { Text = "canary7secret9value" }, null, 10, default)).Found);
        Assert.DoesNotContain("canary7secret9value", Recorded.AllText(Path.Combine(gateway.State, IndexFile.DirectoryName)), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(indexed, Recorded.AllText(Path.Combine(gateway.State, IndexFile.DirectoryName)).Contains("quetzal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WithoutAnIndex_TheFilesAreSearched()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Uri("http://127.0.0.1:9"), "Audit:Index:Enabled=false");
        await gateway.Client.GetAsync("/.harden/nothing");
        await gateway.RecordOf("/.harden/nothing");

        Assert.Single((await gateway.Services.GetRequiredService<IAuditRecords>().SearchAsync(new() { Path = "/.harden/nothing" }, null, 10, default)).Found);
        Assert.False(Directory.Exists(Path.Combine(gateway.State, IndexFile.DirectoryName)));
    }
}
