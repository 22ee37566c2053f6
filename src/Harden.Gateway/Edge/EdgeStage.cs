using System.Text;
using Harden.Gateway.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;

namespace Harden.Gateway.Edge;

/// <summary>Adds the edge: the app's listener and the first middleware.</summary>
internal static class EdgeStage
{
    /// <summary>Adds section <c>Edge</c> and the app's listener.</summary>
    public static WebApplicationBuilder AddEdge(this WebApplicationBuilder builder)
    {
        builder.AddSection<EdgeOptions>("Edge", EdgeOptionsValidator.Validate);
        // By default Kestrel takes a bare LF for the end of a line; what stands before or behind it may not, and then sees other requests.
        // Read when the server's options are made. Not in runtimeconfig.json, which another host of this assembly would not read.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<Live<EdgeOptions>>(static (kestrel, live) =>
        {
            var options = live.Current;
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBody; // null: uploads of any size pass
            kestrel.Limits.MaxRequestLineSize = options.MaxRequestLine;
            kestrel.Limits.MaxRequestHeadersTotalSize = options.MaxHeaders;
            kestrel.Limits.MaxRequestHeaderCount = 200;
            kestrel.Limits.MinRequestBodyDataRate = null;   // a phone on a train uploads slowly and must not be cut off
            kestrel.Limits.MinResponseDataRate = null;      // nor a client that reads a stream slowly; limits are a stage of their own
            kestrel.Limits.Http2.MaxStreamsPerConnection = 256;                  // a page of many event streams is one connection
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);  // finds clients that are gone without a word, idle WebSockets too
            // Header values are bytes: Latin-1 maps each byte to one character and back, so that UTF-8 and odd values pass unchanged.
            kestrel.RequestHeaderEncodingSelector = static name => name == HeaderNames.ContentLength ? StrictLength.Instance : Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
            foreach (var address in options.Listen.DefaultIfEmpty("http://localhost:8080"))
                ListenAddress.TryParse(address)!.Bind(kestrel);
        });
        return builder;
    }

    /// <summary>Puts the edge first.</summary>
    public static void UseEdge(this IApplicationBuilder app) => app.UseMiddleware<EdgeMiddleware>();

    /// <summary>Answers what the edge refused.</summary>
    public static void UseRefusals(this IApplicationBuilder app) => app.UseMiddleware<RefusalMiddleware>();
}
