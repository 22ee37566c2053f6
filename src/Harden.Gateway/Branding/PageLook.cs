using System.Net;
using System.Security.Cryptography;
using System.Text;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Branding;

/// <summary>What all pages of one configuration have in common, made once for it.</summary>
internal sealed class PageLook
{
    /// <summary>Without any configuration.</summary>
    public static readonly PageLook Plain = new(new(), "Harden", null);

    private PageLook(BrandingOptions options, string name, Logo? logo)
    {
        var accent = Color.Parse(options.AccentColor) ?? Color.Black;
        (Options, Logo, Name) = (options, logo, options.Name ?? name);
        Style = PageStyle.Of(accent);
        StyleSource = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'";
        Head = (logo is null ? "" : $"<img src=\"{ReservedPrefix.Path}/logo?v={logo.Version}\" alt=\"\">") + WebUtility.HtmlEncode(Name);
        Support = options.SupportContact is { } contact ? $"<dt>Help</dt><dd>{Contact(contact)}</dd>" : "";
    }

    /// <summary>What it was made of, to notice a reload.</summary>
    public BrandingOptions Options { get; }

    public Logo? Logo { get; }

    /// <summary>Name of the app.</summary>
    public string Name { get; }

    /// <summary>The style sheet.</summary>
    public string Style { get; }

    /// <summary>What <c>Content-Security-Policy</c> must allow for it.</summary>
    public string StyleSource { get; }

    /// <summary>Logo and name, as HTML.</summary>
    public string Head { get; }

    /// <summary>Who helps, as an entry of the page's list; empty if it isn't said.</summary>
    public string Support { get; }

    /// <summary>Makes the look of a configuration.</summary>
    public static PageLook Of(BrandingOptions options, string name, string directory) =>
        new(options, name, options.LogoFile is { } file ? Logo.Read(Path.Combine(directory, file), static _ => { }) : null);

    private static string Contact(string text)
    {
        var shown = WebUtility.HtmlEncode(text);
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == "https")
            return $"<a href=\"{WebUtility.HtmlEncode(uri.AbsoluteUri)}\">{shown}</a>";
        return text.Contains('@') && !text.Contains(' ') ? $"<a href=\"mailto:{WebUtility.HtmlEncode(Uri.EscapeDataString(text).Replace("%40", "@", StringComparison.Ordinal))}\">{shown}</a>" : shown;
    }
}

/// <summary>The look in force.</summary>
internal sealed class PageLooks(Live<BrandingOptions> live, Live<PrototypeOptions> prototype, HardenConfiguration configuration)
{
    private Made? current;

    /// <summary>The look in force.</summary>
    public PageLook Current
    {
        get
        {
            var (options, app) = (live.Current, prototype.Current);
            if (Volatile.Read(ref current) is { } known && ReferenceEquals(known.Look.Options, options) && ReferenceEquals(known.Of, app))
                return known.Look;
            var look = PageLook.Of(options, app.Name, BrandingStage.DirectoryOf(configuration));
            Volatile.Write(ref current, new(look, app));
            return look;
        }
    }

    private sealed record Made(PageLook Look, PrototypeOptions Of);
}
