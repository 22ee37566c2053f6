using Harden.Audit;
using Harden.Audit.Bodies;
using Harden.Audit.Tests.Infrastructure;
using Harden.Gateway.Audit;
using Harden.Gateway.Configuration;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Harden.Gateway.Tests.Audit;

/// <summary>Two gateways, one PostgreSQL: a record that any of them shows whole.</summary>
public sealed class ShippingTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [Fact]
    public async Task WhatOneReplicaRecords_IsFoundAtTheOther_AndItsOwnWhilePostgresIsAway()
    {
        await using var source = await server.CreateAsync();
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        await using var one = await GatewayUnderTest.StartAsync(prototype.Address, $"ConnectionStrings:audit={source.ConnectionString}");
        await using var two = await GatewayUnderTest.StartAsync(prototype.Address, $"ConnectionStrings:audit={source.ConnectionString}");

        await one.Client.GetAsync("/at-one");
        await two.Client.GetAsync("/at-two");
        await FoundAsync(two, "/at-one");
        await FoundAsync(one, "/at-two");
        await server.KillAsync();
        await one.Client.GetAsync("/while-away"); // nobody waits for the database
        await FoundAsync(one, "/while-away");

        Assert.Contains("only what this replica recorded", Records(one).Remark, StringComparison.Ordinal);
        Assert.Empty((await Records(one).SearchAsync(new() { Path = "/at-two" }, null, 10, default)).Found);

        await server.StartAsync();
        await FoundAsync(two, "/while-away");
        Assert.Empty(Records(two).Remark);
    }

    [Fact]
    public async Task WhateverShippingFailsWith_EndsNeitherItNorTheGateway()
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"ConnectionStrings:audit=Host=127.0.0.1;Port={FreePorts.One()};Username=x;Database=x");
        await gateway.Services.GetRequiredService<NpgsqlDataSource>().DisposeAsync(); // a failure that nobody foresaw

        var shipping = gateway.Services.GetRequiredService<Shipping>();
        await Recorded.Until(() => shipping.CheckHealthAsync(new()).Result.Description is { } what && what.Contains("disposed", StringComparison.Ordinal) ? what : null, "the failure");

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/x"));
        Assert.False(shipping.ExecuteTask!.IsCompleted);
    }

    [Fact]
    public async Task BodyThatOneReplicaRecorded_IsReadAtTheOther_WithTheSameKey()
    {
        var key = Path.Combine(Directory.CreateTempSubdirectory("harden-key-").FullName, "bodies.key");
        BodyKeys.OpenOrCreate(key);
        await using var source = await server.CreateAsync();
        await using var prototype = await TestPrototype.StartAsync(static context =>
        {
            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync("answered by one");
        });
        string[] settings = [$"ConnectionStrings:audit={source.ConnectionString}", $"Audit:BodyKey={key}", "Audit:Rules:0:Level=RequestResponse", "Audit:Rules:0:Bodies:Text=true"];
        await using var one = await GatewayUnderTest.StartAsync(prototype.Address, settings);
        await using var two = await GatewayUnderTest.StartAsync(prototype.Address, settings);

        await one.Client.GetAsync("/at-one");
        await FoundAsync(two, "/at-one");
        var entry = (await Records(two).SearchAsync(new() { Path = "/at-one" }, null, 1, default)).Found.Single().Entry;
        var body = await two.Services.GetRequiredService<FleetBodies>().OpenAsync(entry, BodySide.Response, default);

        Assert.Equal("answered by one", System.Text.Encoding.UTF8.GetString(body.Bytes ?? []));
        Directory.Delete(Path.GetDirectoryName(key)!, recursive: true);
    }

    [Fact]
    public async Task UnusableConnectionString_IsAConfigurationError()
    {
        var problem = await Assert.ThrowsAsync<ConfigurationException>(() => GatewayUnderTest.StartAsync(new("http://127.0.0.1:1"), "ConnectionStrings:audit=Hots=localhost"));

        Assert.Contains("ConnectionStrings:audit", problem.Message, StringComparison.Ordinal);
    }

    private static IAuditRecords Records(GatewayUnderTest gateway) => gateway.Services.GetRequiredService<IAuditRecords>();

    private static async Task FoundAsync(GatewayUnderTest gateway, string path)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90)); // shipping pauses up to half a minute when the database is away
        while ((await Records(gateway).SearchAsync(new() { Path = path, State = QueryState.Completed }, null, 10, limit.Token)).Found.Count != 1)
            await Task.Delay(100, limit.Token);
    }
}
