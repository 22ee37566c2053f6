using System.ComponentModel.DataAnnotations;

namespace Harden.Gateway.Branding;

/// <summary>Section <c>Branding</c>: how the pages look that Harden shows in the app's place, such as "No access".</summary>
internal sealed class BrandingOptions
{
    /// <summary>Name above each page. Default: <c>Prototype:Name</c>.</summary>
    [MaxLength(64, ErrorMessage = "must be at most 64 characters.")]
    public string? Name { get; set; }

    /// <summary>A PNG, JPEG, WebP or SVG file of at most 64 KiB, relative to <c>harden.json</c>, shown beside the name. Default: none.</summary>
    public string? LogoFile { get; set; }

    /// <summary>Who helps: a mail address, an <c>https://</c> address, or a few words such as <c>Help desk, phone 4711</c>. Default: none.</summary>
    [MaxLength(200, ErrorMessage = "must be at most 200 characters.")]
    public string? SupportContact { get; set; }

    /// <summary>
    /// Colour of the buttons and the page's edge, <c>#rrggbb</c>, dark enough for white text on it (contrast 4.5:1). On a dark page it is made
    /// lighter as far as needed. Default <c>#1f6f5c</c>.
    /// </summary>
    public string AccentColor { get; set; } = "#1f6f5c";
}
