using Harden.Gateway.Configuration;

namespace Harden.Gateway.Audit.Redaction;

/// <summary>What annotations can't say of <see cref="BodyOptions"/>.</summary>
internal static class BodyOptionsValidator
{
    /// <summary>Reports what is wrong with the options under a key, such as <c>Audit:Bodies</c>.</summary>
    public static void Validate(string key, BodyOptions options, Problems problems)
    {
        if (options.JsonPointers.Length > BodyRules.MostPointers)
            problems.Add($"{key}:JsonPointers", $"has {options.JsonPointers.Length} pointers; at most {BodyRules.MostPointers} are possible. Combine some with * or **.");
        for (var i = 0; i < options.JsonPointers.Length; i++)
        {
            if (Pointer(options.JsonPointers[i]) is { } mend)
                problems.Add($"{key}:JsonPointers:{i}", mend);
        }
        Names($"{key}:FormFields", options.FormFields, problems);
        Names($"{key}:MultipartParts", options.MultipartParts, problems);
    }

    private static string? Pointer(string pointer)
    {
        if (pointer.Length is < 2 or > 256 || pointer[0] != '/')
            return "must be a JSON pointer such as /order/id, /items/*/name or /order/**.";
        var segments = pointer[1..].Split('/');
        if (segments.Length > JsonPointers.Deepest)
            return $"goes {segments.Length} levels deep; at most {JsonPointers.Deepest} are possible.";
        if (segments[..^1].Contains("**"))
            return "may have ** only at its end.";
        return segments[^1] != "**" && SecretNames.Of(segments[^1]) == SecretName.Secret
            ? "names a secret, which is masked wherever it stands: remove it."
            : null;
    }

    private static void Names(string key, string[] names, Problems problems)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length is 0 or > 128 || names[i].AsSpan(0, names[i].Length - 1).Contains('*'))
                problems.Add($"{key}:{i}", "must be a name of 1 to 128 characters, with * at its end only.");
            else if (SecretNames.Of(names[i]) == SecretName.Secret)
                problems.Add($"{key}:{i}", "names a secret, which is masked wherever it stands: remove it.");
        }
    }
}
