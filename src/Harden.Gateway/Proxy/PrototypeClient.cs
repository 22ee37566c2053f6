using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Proxy;

/// <summary>The HTTP client towards the prototype: passes bytes, remembers nothing, follows nothing.</summary>
internal static class PrototypeClient
{
    /// <summary>Creates it.</summary>
    public static HttpMessageInvoker Create(Live<PrototypeOptions> live) => new(new Sender(new SocketsHttpHandler
    {
        ConnectCallback = (context, cancellation) =>
        {
            var request = context.InitialRequestMessage;
            return ConnectAsync(context.DnsEndPoint, request.RequestUri!.Scheme == Uri.UriSchemeHttps, request.Version.Major >= 2, live.Current.Certificate, cancellation);
        },
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        // Injects nothing and starts no span of its own: Forwarding passes the trace on, at a fraction of the cost.
        ActivityHeadersPropagator = null,
        MeterFactory = null,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        // Node and uvicorn close idle connections after 5 s. Ours must be gone before, or a POST meets a connection that is just closing.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // so that a changed DNS answer is noticed
        EnableMultipleHttp2Connections = true,
        MaxResponseHeadersLength = 256, // KiB
        // What curl waits, too: an app that ignores Expect must not delay every upload for long.
        Expect100ContinueTimeout = TimeSpan.FromSeconds(1),
        // Header values are bytes; see EdgeStage.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
    }));

    /// <summary>
    /// Connects as every request does. The handler would take the Host header, which is the public host, for the name that the
    /// prototype's certificate must have.
    /// </summary>
    /// <param name="end">Where the prototype listens.</param>
    /// <param name="secure">Over TLS.</param>
    /// <param name="http2">HTTP/2 is welcome.</param>
    /// <param name="pin">SHA-256 fingerprint of a certificate that needs no authority; null for none.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint end, bool secure, bool http2, string? pin, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? tls = null;
        try
        {
            await socket.ConnectAsync(end, cancellation);
            var stream = new NetworkStream(socket, ownsSocket: true);
            if (!secure)
                return stream;
            tls = new(stream);
            await tls.AuthenticateAsClientAsync(
                new()
                {
                    TargetHost = end.Host,
                    ApplicationProtocols = http2 ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http11],
                    RemoteCertificateValidationCallback = (_, certificate, _, errors) => errors == SslPolicyErrors.None
                        || (pin is not null && certificate?.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).Equals(pin, StringComparison.OrdinalIgnoreCase) == true),
                },
                cancellation);
            return tls;
        }
        catch
        {
            if (tls is not null)
                await tls.DisposeAsync();
            socket.Dispose();
            throw;
        }
    }

    // What YARP can't be told and the handler does by default.
    private sealed class Sender(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is null)
            {
                if (!IsIdempotent(request.Method))
                    request.Content = new NoBody();
            }
            else if (request.Content.Headers.ContentLength is null)
            {
                request.Content = new StreamedBody(request.Content);
            }
            return base.SendAsync(request, cancellationToken);
        }

        private static bool IsIdempotent(HttpMethod method) =>
            method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Options
            || method == HttpMethod.Put || method == HttpMethod.Delete || method == HttpMethod.Connect;
    }

    /// <summary>
    /// An empty body. The handler sends a request without body again when a pooled connection closes before an answer, whatever its
    /// method; a POST that charges a card must not be (RFC 9110 section 9.2.2). One whose body has begun is not.
    /// </summary>
    private sealed class NoBody : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return true;
        }
    }

    /// <summary>
    /// A body of unknown length: what has been read from the client is sent at once, because it may be one half of a conversation.
    /// The handler would hold it until its buffer is full.
    /// </summary>
    private sealed class StreamedBody : HttpContent
    {
        private readonly HttpContent inner;

        public StreamedBody(HttpContent inner)
        {
            this.inner = inner;
            foreach (var (name, values) in inner.Headers.NonValidated)
                Headers.TryAddWithoutValidation(name, values);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            inner.CopyToAsync(new FlushingStream(stream), context, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class FlushingStream(Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            await inner.FlushAsync(cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
