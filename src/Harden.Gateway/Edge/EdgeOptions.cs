using System.ComponentModel.DataAnnotations;

namespace Harden.Gateway.Edge;

/// <summary>Section <c>Edge</c>: where the app is served and what is refused before anything looks at it.</summary>
internal sealed class EdgeOptions
{
    /// <summary>
    /// Addresses of the app listener. <c>http://</c> speaks HTTP/1.1, <c>https://</c> HTTP/1.1 and HTTP/2 by ALPN, <c>h2c://</c> HTTP/2
    /// without TLS (prior knowledge, for gRPC). Port 0 takes a free one.
    /// </summary>
    public string[] Listen { get; set; } = [];

    /// <summary>
    /// Addresses or networks (CIDR) of the proxies in front whose <c>X-Forwarded-For/-Proto/-Host</c> are believed. Default: none,
    /// so these headers are dropped from everyone.
    /// </summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>
    /// Host names the app is served under, such as <c>tracker.example.com</c>; anything else is answered with 400. Empty: any. A
    /// leading <c>*.</c> stands for every subdomain.
    /// </summary>
    public string[] Hosts { get; set; } = [];

    /// <summary>
    /// Forms of a path that are refused by default because a proxy and a framework may read them differently, and that this
    /// prototype needs all the same: <c>EncodedSlash</c> (%2F), <c>PathParameters</c> (;), <c>TrailingDots</c> (a segment ending in a dot or space),
    /// <c>LookAlikes</c> (such as the full-width slash).
    /// </summary>
    public AmbiguousPath[] Allow { get; set; } = [];

    /// <summary>Longest request line, in bytes. Default 16 KiB.</summary>
    [Range(1024, 1024 * 1024, ErrorMessage = "must be between 1024 and 1048576 bytes.")]
    public int MaxRequestLine { get; set; } = 16 * 1024;

    /// <summary>Largest total of request headers, in bytes. Default 64 KiB.</summary>
    [Range(4096, 1024 * 1024, ErrorMessage = "must be between 4096 and 1048576 bytes.")]
    public int MaxHeaders { get; set; } = 64 * 1024;

    /// <summary>Largest request body, in bytes. Default: none, because only the prototype knows what it takes.</summary>
    [Range(0, long.MaxValue, ErrorMessage = "must be 0 or more bytes.")]
    public long? MaxBody { get; set; }
}

/// <summary>A form of a path that two readers may take differently.</summary>
internal enum AmbiguousPath
{
    /// <summary>%2F: a slash for some, a character of the segment for others.</summary>
    EncodedSlash,

    /// <summary>A semicolon: Java frameworks cut the segment there, others don't.</summary>
    PathParameters,

    /// <summary>A segment that ends in a dot or a space: Windows drops these.</summary>
    TrailingDots,

    /// <summary>
    /// A character that some servers take for a slash, a backslash, a dot, or a letter of ASCII: Windows where it maps to a code page, Unicode
    /// normalisation (NFKC), case folding.
    /// </summary>
    LookAlikes,
}
