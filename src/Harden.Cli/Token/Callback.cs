using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Harden.Cli.Token;

/// <summary>A port of this machine's own, open until the browser has come back once with the right state.</summary>
internal sealed class Callback : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly string state;
    private readonly TaskCompletionSource<Returned> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Callback(WebApplication app, string state) => (this.app, this.state) = (app, state);

    /// <summary>Where the browser comes back to. Entra knows it as <c>http://localhost</c> and ignores the port.</summary>
    public string RedirectUri { get; private set; } = "";

    /// <summary>What it came back with.</summary>
    public Task<Returned> Answer => answer.Task;

    /// <summary>Opens a free port of the loopback interface, and of no other.</summary>
    public static async Task<Callback> ListenAsync(string state, CancellationToken cancel)
    {
        var builder = WebApplication.CreateEmptyBuilder(new()); // nothing of the folder's appsettings.json, no logging
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        var callback = new Callback(builder.Build(), state);
        callback.app.Run(callback.HandleAsync);
        await callback.app.StartAsync(cancel);
        callback.RedirectUri = $"http://localhost:{new Uri(callback.app.Urls.First()).Port}";
        return callback;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private Task HandleAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (context.Request.Path != "/" || !HttpMethods.IsGet(context.Request.Method))
            return WriteAsync(context, 404, "Nothing is here");
        // Any page can send a browser here. What doesn't know the state is not the answer, and doesn't end the wait for it.
        if (query["state"] is not [{ } sent] || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(state)))
            return WriteAsync(context, 400, "This doesn't belong to the sign-in that was begun here");
        var returned = query["error"] is [{ } error] ? new Returned(null, new() { Error = error, Description = query["error_description"].ToString() })
            : query["code"] is [{ Length: > 0 } code] ? new(code, null)
            : new(null, new() { Error = "The answer has neither a code nor an error in it" });
        context.Response.OnCompleted(() => Task.FromResult(answer.TrySetResult(returned)));
        return WriteAsync(context, 200, returned.Code is null ? "Nobody was signed in" : "You are signed in");
    }

    private static Task WriteAsync(HttpContext context, int status, string title)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        response.Headers["Referrer-Policy"] = "no-referrer"; // the address holds a code
        return response.WriteAsync($$"""
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{title}}</title>
            <style>:root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;max-width:36rem;margin:20vh auto;padding:0 1.5rem}h1{font-size:1.5rem}</style>
            <h1>{{title}}</h1><p>You can close this window and go back to the terminal.</p></html>
            """);
    }

    /// <summary>What the browser brought.</summary>
    internal sealed record Returned(string? Code, Failure? Failure);

    // The command itself decides what an interrupt ends.
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
