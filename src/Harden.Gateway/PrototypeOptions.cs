using System.ComponentModel.DataAnnotations;

namespace Harden.Gateway;

/// <summary>Section <c>Prototype</c>: the app behind the gateway.</summary>
internal sealed class PrototypeOptions
{
    /// <summary>Short name of the app: the audience of the assertion, the title of its card. Default "prototype".</summary>
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9._-]{0,62}", ErrorMessage = "must be 1 to 63 letters, digits, dots, dashes or underscores.")]
    public string Name { get; set; } = "prototype";

    /// <summary>Where the app listens, such as <c>http://localhost:3000</c>. Set by the host that starts it.</summary>
    public Uri? Address { get; set; }

    /// <summary>How the app is told who asks.</summary>
    public PrototypeIdentityOptions Identity { get; set; } = new();

    /// <summary>
    /// Which host name the app sees: <c>Preserve</c> (default) the public one, as if there were no gateway, or <c>Prototype</c> the
    /// one of <see cref="Address"/>, which an app hosted by name elsewhere usually needs. The public one is in <c>X-Forwarded-Host</c> either way.
    /// </summary>
    public HostHeader Host { get; set; } = HostHeader.Preserve;

    /// <summary>
    /// When the app is spoken to in HTTP/2: <c>Auto</c> (default) for gRPC, and over TLS where the app negotiates it; <c>Always</c>;
    /// <c>Never</c>. Without TLS it is by prior knowledge, so the app's listener must speak it.
    /// </summary>
    public Http2Use Http2 { get; set; } = Http2Use.Auto;

    /// <summary>
    /// SHA-256 fingerprint (64 hexadecimal digits) of the app's own certificate, if its address is <c>https://</c> and no authority vouches for
    /// it. Default: none, only a valid certificate is accepted.
    /// </summary>
    [RegularExpression("[0-9A-Fa-f]{64}", ErrorMessage = "must be the SHA-256 fingerprint of a certificate: 64 hexadecimal digits without colons.")]
    public string? Certificate { get; set; }

    /// <summary>
    /// How long the app may take until its answer begins, 00:00:01 to 1.00:00:00; time spent waiting for the client's upload doesn't
    /// count, and an answer that has begun may take for ever. Default 00:01:40.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "must be between 00:00:01 and 1.00:00:00.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// How long a request waits for an app that refuses connections, because it may be restarting, 00:00:00 to 00:00:30. Nothing has been
    /// sent by then, so this is safe for any request. Default 00:00:00.5.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30", ErrorMessage = "must be between 00:00:00 and 00:00:30.")]
    public TimeSpan RestartWait { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Path that tells whether the app works, such as <c>/healthz</c>: healthy is any status below 400. Default: none, and an app that
    /// accepts connections counts as healthy.
    /// </summary>
    [RegularExpression("/[^\\s#]*", ErrorMessage = "must be a path that begins with a slash, such as /healthz.")]
    public string? HealthPath { get; set; }

    /// <summary>How often the app's health is looked at, 00:00:01 to 00:10:00. Default 00:00:05; every second while it is down.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "must be between 00:00:01 and 00:10:00.")]
    public TimeSpan HealthInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The command that starts the app, one word an item, such as <c>["npm", "start"]</c>; <c>{port}</c> in a word stands for the port
    /// the app is to listen on. Read by the host that starts it (<c>harden run</c>, the AppHost). Default: none, the app already runs at <see cref="Address"/>.
    /// </summary>
    public string[] Command { get; set; } = [];

    /// <summary>Directory the command runs in, relative to <c>harden.json</c>. Default: the directory of <c>harden.json</c>.</summary>
    public string WorkingDirectory { get; set; } = ".";

    /// <summary>Environment variables for the command; <c>{port}</c> in a value stands for the port. Default: none but the port's.</summary>
    public Dictionary<string, string> Environment { get; set; } = [];

    /// <summary>The environment variable that tells the app its port. Default <c>PORT</c>.</summary>
    [RegularExpression("[A-Za-z_][A-Za-z0-9_]*", ErrorMessage = "must be the name of an environment variable, such as PORT.")]
    public string PortVariable { get; set; } = "PORT";

    /// <summary>How long the command may take until the app listens, 00:00:01 to 01:00:00. Default 00:02:00: a first start may compile.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "must be between 00:00:01 and 01:00:00.")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromMinutes(2);
}

/// <summary>Which host name the app sees.</summary>
internal enum HostHeader
{
    /// <summary>The public one.</summary>
    Preserve,

    /// <summary>The one of its own address.</summary>
    Prototype,
}

/// <summary>When the app is spoken to in HTTP/2.</summary>
internal enum Http2Use
{
    /// <summary>For gRPC, and over TLS where negotiated.</summary>
    Auto,

    /// <summary>For everything.</summary>
    Always,

    /// <summary>For nothing.</summary>
    Never,
}
