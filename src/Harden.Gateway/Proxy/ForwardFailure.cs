using System.Net.Sockets;
using Yarp.ReverseProxy.Forwarder;

namespace Harden.Gateway.Proxy;

/// <summary>Why a forwarding failed, in words for the caller and a stable one for the record.</summary>
/// <param name="Error">The stable word.</param>
/// <param name="Status">The status to answer with, if no answer has begun.</param>
/// <param name="Title">A few words.</param>
/// <param name="Detail">What was found and what to do.</param>
internal sealed record ForwardFailure(string Error, int Status, string Title, string Detail)
{
    private const string Again = "Try again in a moment. If it stays like this, tell whoever runs the app, with the reference below.";

    /// <summary>The app accepts no connection, so nothing has been sent.</summary>
    public static readonly ForwardFailure Refused = new("refused", 502, "The app can't be reached",
        $"The app behind this address accepts no connections. Is it started? {Again}");

    /// <summary>The client left before the end; nobody is there to answer.</summary>
    public static readonly ForwardFailure ClientLeft = new("client-left", 400, "The request was cut off", "The request ended before it was complete.");

    private static readonly ForwardFailure Timeout = new("timeout", 504, "The app takes too long",
        $"The app behind this address has the request but did not answer in time. It may still be working on it, so look before you repeat something that must not happen twice. {Again}");

    private static readonly ForwardFailure Unreachable = new("unreachable", 502, "The app can't be reached",
        $"There is no way to the app behind this address. {Again}");

    private static readonly ForwardFailure ConnectTimeout = new("connect-timeout", 504, "The app can't be reached",
        $"The app behind this address did not accept a connection in time. {Again}");

    private static readonly ForwardFailure Tls = new("tls", 502, "The app can't be trusted",
        "The app behind this address could not prove its identity: its certificate was refused. Whoever runs it must mend that.");

    private static readonly ForwardFailure Garbage = new("garbage", 502, "The app's answer can't be read",
        "The app behind this address sent something that is not HTTP. Whoever runs it finds the request by the reference below.");

    private static readonly ForwardFailure Closed = new("closed", 502, "The app broke off",
        $"The app behind this address closed the connection before it had answered. It may have crashed, and what was asked for may or may not have been done. {Again}");

    private static readonly ForwardFailure Protocol = new("protocol", 502, "The app speaks another protocol",
        "The app behind this address does not speak the HTTP version it is configured for (Prototype:Http2).");

    /// <summary>Tells what happened.</summary>
    /// <param name="error">What YARP found.</param>
    /// <param name="e">The exception behind it, if any.</param>
    /// <param name="expired">The deadline was what ended it.</param>
    /// <param name="clientLeft">The client's connection is gone.</param>
    public static ForwardFailure Of(ForwarderError error, Exception? e, bool expired, bool clientLeft)
    {
        if (clientLeft)
            return ClientLeft;
        if (expired)
            return Timeout;
        if (error is (ForwarderError.ResponseBodyClient or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient)
            && (Find<IOException>(e) is not null || Find<OperationCanceledException>(e) is not null))
            return ClientLeft; // the server may say so a moment later only; any other exception is an upgrade that nobody asked for
        if (error == ForwarderError.RequestBodyClient)
            return Find<BadHttpRequestException>(e) is { } bad ? ClientLeft with { Error = "bad-body", Status = bad.StatusCode, Detail = "The request's body is malformed or too large." } : ClientLeft;
        if (error == ForwarderError.RequestTimedOut)
            return ConnectTimeout;
        if (error == ForwarderError.ResponseHeaders)
            return Garbage;
        return Find<HttpRequestException>(e)?.HttpRequestError switch
        {
            HttpRequestError.ConnectionError => Find<SocketException>(e)?.SocketErrorCode == SocketError.ConnectionRefused ? Refused : Unreachable,
            HttpRequestError.NameResolutionError => Unreachable,
            HttpRequestError.SecureConnectionError => Tls,
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => Garbage,
            HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError or HttpRequestError.ExtendedConnectNotSupported => Protocol,
            _ => Closed,
        };
    }

    private static T? Find<T>(Exception? e)
        where T : Exception
    {
        for (; e is not null; e = e is AggregateException { InnerExceptions: [_, { } second] } && second is T ? second : e.InnerException)
        {
            if (e is T found)
                return found;
        }
        return null;
    }
}
