using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Harden.Gateway.Configuration;

/// <summary>
/// Compares a configuration section with the options type it binds to: unknown keys, values that can't be converted, values outside
/// their annotated range. The framework's binder stops at the first of these or ignores them; this finds all.
/// </summary>
internal static class SectionWalker
{
    /// <summary>Reports every problem of the section's shape.</summary>
    public static void Walk(IConfigurationSection section, Type type, Problems problems)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ElementType(type) is { } element)
        {
            if (!string.IsNullOrEmpty(section.Value))
                problems.Add(section.Path, "is a single value where a list is expected: put it in [ ].");
            foreach (var child in section.GetChildren())
                Walk(child, element, problems);
        }
        else if (IsScalar(type))
        {
            Scalar(section, type, problems);
        }
        else
        {
            Object(section, type, problems);
        }
    }

    /// <summary>Reports every violated annotation of bound options.</summary>
    public static void Annotations(string key, object options, Problems problems)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), results, validateAllProperties: true);
        foreach (var result in results)
        {
            foreach (var member in result.MemberNames.DefaultIfEmpty(""))
                problems.Add(member.Length > 0 ? $"{key}:{member}" : key, result.ErrorMessage ?? "is not valid.");
        }
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetIndexParameters().Length > 0 || IsScalar(property.PropertyType))
                continue;
            switch (property.GetValue(options))
            {
                case IDictionary map:
                    foreach (DictionaryEntry entry in map)
                        Nested($"{key}:{property.Name}:{entry.Key}", entry.Value, problems);
                    break;
                case IEnumerable list:
                    var index = 0;
                    foreach (var item in list)
                        Nested($"{key}:{property.Name}:{index++}", item, problems);
                    break;
                case { } value:
                    Nested($"{key}:{property.Name}", value, problems);
                    break;
            }
        }
    }

    private static void Nested(string key, object? value, Problems problems)
    {
        if (value is not null && !IsScalar(value.GetType()))
            Annotations(key, value, problems);
    }

    private static void Object(IConfigurationSection section, Type type, Problems problems)
    {
        if (!string.IsNullOrEmpty(section.Value))
            problems.Add(section.Path, "is a single value where an object { } is expected.");
        var known = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.CanWrite || !IsScalar(p.PropertyType)).ToArray();
        foreach (var child in section.GetChildren())
        {
            var property = Array.Find(known, p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
                problems.AddUnknown(child.Path, RefusedKeyAttribute.MendOf(type, child.Key) ?? $"is not a known key.{Suggest(child.Key, known.Select(static p => p.Name))}");
            else
                Walk(child, property.PropertyType, problems);
        }
    }

    private static void Scalar(IConfigurationSection section, Type type, Problems problems)
    {
        if (section.GetChildren().Any())
        {
            problems.Add(section.Path, "is an object or list where a single value is expected.");
            return;
        }
        if (type == typeof(string) || section.Value is null)
            return;
        try
        {
            TypeDescriptor.GetConverter(type).ConvertFromInvariantString(section.Value);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            problems.Add(section.Path, $"must be {Expected(type)}.");
        }
    }

    private static string Expected(Type type) => type switch
    {
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type))}",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a duration such as 00:00:30 (hours:minutes:seconds)",
        _ when type == typeof(Uri) => "an absolute address such as http://localhost:3000",
        _ when type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?) => "a time such as 2026-01-31T00:00:00Z",
        _ when type == typeof(DateOnly) => "a date such as 2026-01-31",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ => "a number",
    };

    /// <summary>" Did you mean …?" for the nearest of the known names, or the list of them all.</summary>
    public static string Suggest(string found, IEnumerable<string> known)
    {
        var names = known.ToArray();
        var nearest = names.OrderBy(name => Distance(found, name)).FirstOrDefault();
        return nearest is not null && Distance(found, nearest) <= 1 + (nearest.Length / 3)
            ? $" Did you mean {nearest}?"
            : $" Known here: {string.Join(", ", names)}.";
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[^1];
    }

    private static Type? ElementType(Type type)
    {
        if (type == typeof(string))
            return null;
        if (type.IsArray)
            return type.GetElementType();
        var sequence = type.GetInterfaces().Append(type).FirstOrDefault(static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>));
        var element = sequence?.GetGenericArguments()[0];
        return element is { IsGenericType: true } && element.GetGenericTypeDefinition() == typeof(KeyValuePair<,>) ? element.GetGenericArguments()[1] : element;
    }

    private static bool IsScalar(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(TimeSpan)
            || type == typeof(Uri) || type == typeof(DateOnly) || type == typeof(DateTimeOffset) || type == typeof(Guid);
    }
}
