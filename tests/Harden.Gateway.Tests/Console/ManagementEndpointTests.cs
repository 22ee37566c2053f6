using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Console;

public sealed class ManagementEndpointTests
{
    [Theory]
    [InlineData("GET", "Harden.Reviewer", HttpStatusCode.OK)]
    [InlineData("HEAD", "Harden.Reviewer", HttpStatusCode.OK)]
    [InlineData("GET", "Member", HttpStatusCode.Forbidden)]
    [InlineData("GET", null, HttpStatusCode.Unauthorized)]
    [InlineData("POST", "Harden.Admin", HttpStatusCode.OK)]
    [InlineData("POST", "Harden.Reviewer", HttpStatusCode.Forbidden)]
    [InlineData("POST", null, HttpStatusCode.Unauthorized)]
    [InlineData("DELETE", "Harden.Admin", HttpStatusCode.MethodNotAllowed)]
    public async Task Reading_NeedsAConsoleRole_ChangingAnAdministrator(string method, string? roles, HttpStatusCode expected)
    {
        await using var console = await StartAsync();
        using var request = new HttpRequestMessage(new(method), "/things");
        if (roles is not null)
            request.Headers.Add("Test-Roles", roles);

        using var answer = await console.Client.SendAsync(request);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task KeyInTheStateDirectory_IsALocalAdministrator()
    {
        await using var console = await StartAsync();
        var file = Path.Combine(console.State, "run", "management.json");
        using var contact = JsonDocument.Parse(await File.ReadAllBytesAsync(file));

        using var good = await SendAsync(console, contact.RootElement.GetProperty("key").GetString()!);
        using var bad = await SendAsync(console, new string('0', 64));

        Assert.Equal(console.Client.BaseAddress, new Uri(contact.RootElement.GetProperty("address").GetString()!));
        Assert.Equal("local: ada on this machine", await good.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, bad.StatusCode);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    private static Task<ConsoleUnderTest> StartAsync() => ConsoleUnderTest.StartAsync(
        static services =>
        {
            services.AddSingleton(new ManagementEndpoint("GET", "/things", static context => context.Response.WriteAsync("things")));
            services.AddSingleton(new ManagementEndpoint("POST", "/things", static context =>
                context.Response.WriteAsync($"{RequestScope.Of(context).Subject!.Scheme}: {RequestScope.Of(context).Subject!.Name}")));
        },
        []);

    private static Task<HttpResponseMessage> SendAsync(ConsoleUnderTest console, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/things");
        request.Headers.Authorization = new("Bearer", key);
        request.Headers.Add("Harden-Account", "ada");
        return console.Client.SendAsync(request);
    }
}
