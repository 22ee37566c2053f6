using Harden.Gateway.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Harden.Gateway.Proxy;

/// <summary>Adds the prototype: the one destination of the gateway.</summary>
internal static class PrototypeStage
{
    /// <summary>Adds section <c>Prototype</c>.</summary>
    public static WebApplicationBuilder AddPrototype(this WebApplicationBuilder builder)
    {
        builder.AddSection<PrototypeOptions>("Prototype");
        builder.Services.AddHttpForwarder();
        return builder;
    }

    /// <summary>Forwards to the prototype.</summary>
    public static void MapPrototype(this WebApplication app)
    {
        var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
        var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });
        var live = app.Services.GetRequiredService<Live<PrototypeOptions>>();
        app.Run(async context =>
        {
            RequestScope.Of(context).Decision = new(DecisionAction.Forward, "rule");
            await forwarder.SendAsync(context, live.Current.Address!.ToString(), client);
        });
    }
}
