using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Harden.Gateway.Console.Pages;

/// <summary>
/// Markup made by interpolation: what stands in the source is markup, what is inserted is text and encoded, and only markup can be
/// inserted as markup. So nothing a client wrote becomes part of a page's structure, by construction.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Html(int literalLength, int formattedCount)
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder text = new(literalLength + (formattedCount * 24));

    /// <summary>Nothing.</summary>
    public static Html None => new(0, 0);

    public void AppendLiteral(string markup) => text.Append(markup);

    public void AppendFormatted(string? value)
    {
        if (!string.IsNullOrEmpty(value))
            text.Append(Encoder.Encode(Visible(value)));
    }

    public void AppendFormatted(long value) => text.Append(CultureInfo.InvariantCulture, $"{value}");

    public void AppendFormatted(Html? markup) => text.Append(markup?.text);

    public void AppendFormatted(IEnumerable<Html> markup)
    {
        foreach (var one in markup)
            text.Append(one.text);
    }

    public override string ToString() => text.ToString();

    /// <summary>
    /// Characters that can't be seen, or that turn the direction of what follows, written out: a path that was made to look like another
    /// must not look like it to a reviewer.
    /// </summary>
    private static string Visible(string value)
    {
        if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return value;
        var shown = new StringBuilder(value.Length + 16);
        foreach (var c in value)
        {
            if (c is '\n' || CharUnicodeInfo.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator))
                shown.Append(c);
            else
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        return shown.ToString();
    }
}
