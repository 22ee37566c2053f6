using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Harden.Gateway.Proxy.Identity;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Harden.Gateway.Proxy;

/// <summary>
/// One request on its way to the prototype and its answer on the way back. Everything passes as it is except what would speak of the
/// wrong connection, give Harden's secrets away, or name an address that only Harden can reach.
/// </summary>
internal sealed class Forwarding(RequestScope scope, Destination destination, SubjectHeaders who, Deadline deadline, UploadStream? upload) : HttpTransformer
{
    /// <summary>When the answer began, in the stopwatch's ticks; 0 if it has not.</summary>
    public long Answered { get; private set; }

    /// <summary>What broke the answer between its headers and its first byte; null if nothing.</summary>
    public Exception? Broken { get; private set; }

    /// <inheritdoc />
    public override ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var request = httpContext.Request;
        var outgoing = proxyRequest.Headers;
        var span = Activity.Current;
        var nominated = HopByHop.Nominated(request.Headers.Connection);
        foreach (var (name, values) in request.Headers)
        {
            if (HopByHop.Has(name) || (nominated is not null && HopByHop.Contains(nominated, name)))
                continue;
            switch (name.Length)
            {
                case 4 when Is(name, "Host") && (destination.Options.Host == HostHeader.Prototype || values.ToString().Length == 0): // beside an empty one the client would add its own
                case 10 or 11 when span is not null && (Is(name, "tracestate") || Is(name, "traceparent")): // ours take their place
                    continue;
                case 6 when Is(name, "Cookie"):
                    if (HardenCookies.Cut(values) is { Count: > 0 } kept)
                        Add(httpContext, proxyRequest, name, kept);
                    continue;
                default:
                    Add(httpContext, proxyRequest, name, values);
                    continue;
            }
        }
        // RFC 9113 section 8.2.2: the one word of TE that passes; gRPC servers ask for it.
        if (request.Protocol is "HTTP/2" && request.Headers.TE.ToString().Contains("trailers", StringComparison.OrdinalIgnoreCase))
            outgoing.TryAddWithoutValidation("TE", "trailers");

        outgoing.TryAddWithoutValidation("X-Forwarded-For", scope.Client.ToString());
        outgoing.TryAddWithoutValidation("X-Forwarded-Proto", request.Scheme);
        outgoing.TryAddWithoutValidation("X-Forwarded-Host", request.Headers.Host.ToString());
        if (scope.Subject is { } subject)
            who.Add(outgoing, subject, destination.Options);
        if (span is not null)
        {
            outgoing.TryAddWithoutValidation("traceparent", span.Id);
            if (span.TraceStateString is { Length: > 0 } state)
                outgoing.TryAddWithoutValidation("tracestate", state);
        }
        proxyRequest.RequestUri = destination.Locate(scope.RawTarget);
        return default;
    }

    /// <inheritdoc />
    public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
            return new(false);
        deadline.Stop();
        Answered = Stopwatch.GetTimestamp();
        var headers = httpContext.Response.Headers;
        var nominated = proxyResponse.Headers.NonValidated.TryGetValues("Connection", out var connection) ? HopByHop.Nominated(connection.ToString()) : null;
        Copy(proxyResponse.Headers, headers, httpContext.Request, nominated);
        Copy(proxyResponse.Content.Headers, headers, httpContext.Request, nominated);
        // RFC 9112 section 6.3: with both, the length is not to be believed. And an answer that has no body has no length to tell.
        if (headers.ContentLength is not null
            && (proxyResponse.Headers.NonValidated.Contains("Transfer-Encoding") || ((int)proxyResponse.StatusCode is < 200 or 204 or 205 && headers.ContentLength == 0)))
            headers.ContentLength = null;
        return proxyResponse.StatusCode == HttpStatusCode.SwitchingProtocols || proxyResponse.RequestMessage?.Method == HttpMethod.Connect
            ? new(true)
            : SendHeadersAsync(httpContext, proxyResponse, cancellationToken);
    }

    /// <inheritdoc />
    public override async ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        await base.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
        if (upload is { Ended: false })
        {
            // The whole answer is here before the whole upload. The client must see its end, or both would wait for each other.
            await httpContext.Response.CompleteAsync();
            deadline.Start(destination.Options.Timeout);
        }
    }

    // Headers go out at once if the body makes the client wait: an event stream may be silent for minutes after it has opened.
    private async ValueTask<bool> SendHeadersAsync(HttpContext context, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            var first = body.ReadAsync(Memory<byte>.Empty, cancellationToken);
            if (!first.IsCompleted)
                await context.Response.Body.FlushAsync(cancellationToken);
            await first;
            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or HttpRequestException)
        {
            Broken = e; // a second read of a broken body would look like its end
            return false;
        }
    }

    private void Copy(HttpHeaders source, IHeaderDictionary headers, HttpRequest request, string[]? nominated)
    {
        foreach (var (name, values) in source.NonValidated)
        {
            if (HopByHop.Has(name) || (nominated is not null && HopByHop.Contains(nominated, name)) || name.StartsWith("X-Harden-", StringComparison.OrdinalIgnoreCase))
                continue;
            if (Is(name, "Set-Cookie"))
            {
                foreach (var cookie in values)
                {
                    if (!HardenCookies.Sets(cookie))
                        headers.SetCookie = StringValues.Concat(headers.SetCookie, PublicOrigin.RewriteDomain(cookie, destination, request));
                }
            }
            else if (values.Count == 1)
            {
                // Assigned, not appended: where Harden has set a header that the prototype sets too, the prototype's word counts.
                headers[name] = Is(name, "Location") || Is(name, "Content-Location") || Is(name, "Refresh")
                    ? PublicOrigin.Rewrite(values.ToString(), destination, request)
                    : values.ToString();
            }
            else
            {
                headers[name] = new StringValues([.. values]);
            }
        }
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static void Add(HttpContext context, HttpRequestMessage request, string name, StringValues values)
    {
        foreach (var value in values)
        {
            if (value.AsSpan().ContainsAny('\r', '\n', '\0')) // the client's server has refused it already; one request in is one request out
                return;
        }
        if (values.Count == 1 ? request.Headers.TryAddWithoutValidation(name, values[0]) : request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            return;
        if (request.Content is null)
            ContentHeader.Add(context, request, name, values);
        else if (values.Count == 1)
            request.Content.Headers.TryAddWithoutValidation(name, values[0]);
        else
            request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
    }

    // HttpClient keeps headers such as Content-Type with the content, and YARP alone may give a request without body one to keep them with.
    private abstract class ContentHeader : RequestTransform
    {
        public static void Add(HttpContext context, HttpRequestMessage request, string name, StringValues values)
        {
            if (!Is(name, "Content-Length"))
                AddHeader(new() { HttpContext = context, ProxyRequest = request }, name, values);
        }
    }
}
