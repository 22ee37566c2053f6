using System.ComponentModel.DataAnnotations;

namespace Harden.Gateway.Proxy;

/// <summary>Section <c>Prototype</c>: the app behind the gateway.</summary>
internal sealed class PrototypeOptions
{
    /// <summary>Short name of the app: the audience of the assertion, the title of its card. Default "prototype".</summary>
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9._-]{0,62}", ErrorMessage = "must be 1 to 63 letters, digits, dots, dashes or underscores.")]
    public string Name { get; set; } = "prototype";

    /// <summary>Where the app listens, such as <c>http://localhost:3000</c>. Set by the host that starts it.</summary>
    public Uri? Address { get; set; }
}
