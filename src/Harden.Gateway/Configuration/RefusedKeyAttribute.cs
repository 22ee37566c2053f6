using System.Reflection;

namespace Harden.Gateway.Configuration;

/// <summary>A key that people know from elsewhere and that means nothing here: they are told what to do instead of what it might be a misspelling of.</summary>
/// <param name="key">The key.</param>
/// <param name="mend">What to do, in one sentence.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class RefusedKeyAttribute(string key, string mend) : Attribute
{
    private string Key => key;

    private string Mend => mend;

    /// <summary>What to do about a key of an options type; null if nothing is known of it.</summary>
    public static string? MendOf(Type options, string key) =>
        options.GetCustomAttributes<RefusedKeyAttribute>().FirstOrDefault(refused => refused.Key.Equals(key, StringComparison.OrdinalIgnoreCase))?.Mend;
}
