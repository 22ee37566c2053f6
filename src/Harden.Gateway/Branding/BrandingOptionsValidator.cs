using System.Globalization;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Branding;

/// <summary>What annotations can't say of <see cref="BrandingOptions"/>.</summary>
internal static class BrandingOptionsValidator
{
    /// <param name="options">The options.</param>
    /// <param name="problems">Where to report.</param>
    /// <param name="directory">What <see cref="BrandingOptions.LogoFile"/> is relative to.</param>
    public static void Validate(BrandingOptions options, Problems problems, string directory)
    {
        if (options.Name is not null && string.IsNullOrWhiteSpace(options.Name))
            problems.Add("Branding:Name", "is blank: give a name, or leave it out.");
        if (options.SupportContact is not null && string.IsNullOrWhiteSpace(options.SupportContact))
            problems.Add("Branding:SupportContact", "is blank: say who helps, or leave it out.");
        if (Color.Parse(options.AccentColor) is not { } accent)
            problems.Add("Branding:AccentColor", "must be a colour such as #1f6f5c: # and six hexadecimal digits.");
        else if (accent.Contrast(Color.White) < Color.Readable)
            problems.Add("Branding:AccentColor", string.Create(CultureInfo.InvariantCulture, $"is too light for white text on it: its contrast is {accent.Contrast(Color.White):0.0}, and people need 4.5. {accent.Toward(Color.Black, Color.White)} would do."));
        if (options.LogoFile is { } file)
            Logo.Read(Path.Combine(directory, file), mend => problems.Add("Branding:LogoFile", mend));
    }
}
