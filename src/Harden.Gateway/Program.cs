using Harden.Gateway.Access;
using Harden.Gateway.Audit;
using Harden.Gateway.Branding;
using Harden.Gateway.Configuration;
using Harden.Gateway.Console;
using Harden.Gateway.Edge;
using Harden.Gateway.Identity;
using Harden.Gateway.Proxy;
using Harden.Gateway.RateLimits;
using Harden.Gateway.Telemetry;

namespace Harden.Gateway;

/// <summary>The gateway: every stage, in the order a request meets them, and why there.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        SocketSettings.Apply();
        try
        {
            await using var app = Build(ConfigurationStage.CreateBuilder(args));
            if (!args.Contains("--check"))
            {
                app.OpenAudit(); // before anything listens: no gateway runs without a record
                await app.RunAsync();
            }
            return 0;
        }
        catch (ConfigurationException e)
        {
            await System.Console.Error.WriteLineAsync(e.Message);
            return ConfigurationException.ExitCode;
        }
        catch (Exception e) when (ListenProblem.Of(e) is { } sentence)
        {
            await System.Console.Error.WriteLineAsync(sentence);
            return ConfigurationException.ExitCode;
        }
    }

    /// <summary>Adds every stage and puts them in order.</summary>
    /// <exception cref="ConfigurationException">The configuration is not valid; the message lists every problem.</exception>
    internal static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.AddEdge().AddTelemetry().AddAudit().AddRateLimits().AddIdentity().AddAccess().AddPrototype().AddConsole().AddBranding();
        builder.LoadConfiguration();
        var app = builder.Build();
        app.WatchConfiguration();

        app.UseEdge();            // reads the target in one way only, trusts forwarded headers from named proxies only, strips identity headers
        app.UseTelemetry();       // request id, span: everything after it is traced
        app.UseAudit();           // outside every refuser: 400, 401, 403, 404, 429, 502 leave a record too
        app.UseRefusals();        // what the edge refused is answered here, so that it is on record
        app.UseAddressLimits();   // before identity: an anonymous flood must not reach sign-in
        app.UseIdentity();        // session, token or key to a subject
        app.MapReserved(static harden => harden.MapSignIn().MapHealth().MapJwks().MapBranding()); // /.harden/ never reaches the prototype
        app.MapConsole();         // the second listener ends here, behind its own roles
        app.UseAccess();          // rules, deny by default
        app.UseSubjectLimits();   // keyed by who asks, so after identity; only for what access allowed
        app.UseIntent();          // a durable record of who asked for what, before the prototype sees it
        app.MapPrototype();       // identity in, Harden's cookie out, forward, harden the response
        return app;
    }
}
