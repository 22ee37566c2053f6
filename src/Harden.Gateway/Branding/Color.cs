using System.Globalization;

namespace Harden.Gateway.Branding;

/// <summary>A colour of the sRGB space, with the contrast of WCAG 2.2.</summary>
internal readonly record struct Color(byte Red, byte Green, byte Blue)
{
    /// <summary>The contrast that text of ordinary size needs (WCAG 2.2, 1.4.3).</summary>
    public const double Readable = 4.5;

    public static readonly Color White = new(255, 255, 255);

    public static readonly Color Black = new(0, 0, 0);

    /// <summary>Reads <c>#rrggbb</c>; null if it isn't one.</summary>
    public static Color? Parse(string text) =>
        text.Length == 7 && text[0] == '#' && uint.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? new((byte)(value >> 16), (byte)(value >> 8), (byte)value)
            : null;

    /// <summary>Contrast with another colour, 1 to 21.</summary>
    public double Contrast(Color other)
    {
        var (one, two) = (Luminance(), other.Luminance());
        return (Math.Max(one, two) + 0.05) / (Math.Min(one, two) + 0.05);
    }

    /// <summary>The nearest mixture with <paramref name="end"/> that can be read against <paramref name="ground"/>.</summary>
    public Color Toward(Color end, Color ground)
    {
        for (var step = 0; step < 50; step++)
        {
            var mixed = Mix(end, step / 50.0);
            if (mixed.Contrast(ground) >= Readable)
                return mixed;
        }
        return end;
    }

    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";

    private Color Mix(Color other, double share)
    {
        byte Between(byte from, byte to) => (byte)Math.Round(from + ((to - from) * share));
        return new(Between(Red, other.Red), Between(Green, other.Green), Between(Blue, other.Blue));
    }

    private double Luminance() => (0.2126 * Linear(Red)) + (0.7152 * Linear(Green)) + (0.0722 * Linear(Blue));

    private static double Linear(byte channel)
    {
        var value = channel / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }
}
