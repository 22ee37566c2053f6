using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Harden.Gateway.Tests.Identity;

namespace Harden.AppHost.Tests.Aspire;

/// <summary>The whole model, started by Aspire's own testing host: sign-in at DevEntra, the prototype behind the gateway, the record, Redis.</summary>
public sealed class SignInTests(AppHostFixture host) : IClassFixture<AppHostFixture>
{
    [Fact]
    public async Task SignedIn_ThePrototypeLearnsWho()
    {
        using var browser = new TestBrowser(host.App);

        using var answer = await browser.SignInAsync("member", "/hello");

        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        var headers = JsonDocument.Parse(text).RootElement;
        Assert.Equal("Max Member", headers.GetProperty("x-harden-name").GetString());
        Assert.True(Guid.TryParse(headers.GetProperty("x-harden-user").GetString(), out _));
        Assert.False(headers.TryGetProperty("cookie", out _)); // Harden's own session is not the prototype's to read
    }

    [Fact]
    public async Task AnonymousFetch_Is401AndNeverReachesThePrototype()
    {
        using var browser = new TestBrowser(host.App);

        using var answer = await browser.FetchAsync("/secret");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task WhatWasDone_IsOnRecord()
    {
        using var browser = new TestBrowser(host.App);
        using (await browser.SignInAsync("member", "/recorded"))
        {
        }

        var intent = Records().Single(static entry => entry.GetProperty("stage").GetString() == "intent" && entry.GetProperty("http").GetProperty("path").GetString() == "/recorded");
        Assert.Contains("Max Member", intent.GetProperty("actor").GetRawText());
    }

    [Fact]
    public async Task RedisOfThePath_KeepsTheSessions()
    {
        using var browser = new TestBrowser(host.App);
        using (await browser.SignInAsync("admin"))
        {
        }

        var parts = (await host.Application.GetConnectionStringAsync("redis"))!.Split(",password=");
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", int.Parse(parts[0].Split(':')[1]));
        Assert.StartsWith("-NOAUTH", await AskAsync(client, "DBSIZE")); // any user of the machine can reach the port
        Assert.StartsWith("+OK", await AskAsync(client, "AUTH " + parts[1]));
        Assert.NotEqual(":0", (await AskAsync(client, "DBSIZE")).Trim());
    }

    private IEnumerable<JsonElement> Records() => Directory.EnumerateFiles(Path.Combine(host.Folder, ".harden", "audit"), "*.jsonl")
        .SelectMany(static file => Lines(file)).Where(static line => line.StartsWith('{')).Select(static line => JsonDocument.Parse(line).RootElement);

    private static string[] Lines(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n'); // the gateway is still writing
    }

    private static async Task<string> AskAsync(TcpClient client, string command)
    {
        var buffer = new byte[256];
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"));
        return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer));
    }
}
