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
