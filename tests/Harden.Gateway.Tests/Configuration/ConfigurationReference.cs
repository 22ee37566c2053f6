using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Harden.Gateway.Tests.Configuration;

/// <summary>Makes the JSON Schema and the reference page of harden.json from the options types and their doc comments.</summary>
internal sealed partial class ConfigurationReference
{
    private readonly Dictionary<string, string> docs = XDocument.Load(Path.ChangeExtension(typeof(RequestScope).Assembly.Location, ".xml"))
        .Descendants("member").ToDictionary(static m => m.Attribute("name")!.Value, static m => Plain(m.Element("summary")));

    /// <summary>The JSON Schema (draft 2020-12).</summary>
    public string Schema(IEnumerable<(string Key, Type Type)> sections)
    {
        var properties = new JsonObject { ["$schema"] = new JsonObject { ["type"] = "string" } };
        foreach (var (key, type) in sections)
            properties[key] = Node(type, Doc($"T:{type.FullName}"));
        properties["StateDirectory"] = new JsonObject { ["type"] = "string", ["description"] = "Where the audit log and keys are kept. Default: .harden beside harden.json." };
        foreach (var foreign in (string[])["ConnectionStrings", "Kestrel", "Logging"])
            properties[foreign] = new JsonObject { ["type"] = "object" };
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "harden.json",
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        }.ToJsonString(new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    /// <summary>The reference page.</summary>
    public string Page(IEnumerable<(string Key, Type Type)> sections)
    {
        var page = new StringBuilder("""
            # Configuration reference

            `harden.json` stands beside the app. Every key can also be set by an environment variable (`Access__Default`) or on the command
            line (`--Access:Default=SignedIn`); the command line wins over the environment, and the environment over the file. An unknown key
            or a bad value is refused at start, all of them at once: `harden config check` says the same without starting anything. A change
            to the file takes effect while the gateway runs; one that is not valid is refused loudly and the old configuration stays.

            The tables below are made of the doc comments of the options themselves. For editors there is a JSON Schema,
            `src/Harden.Gateway/harden.schema.json`. Beside these sections `StateDirectory` says where the audit log and keys are kept
            (default: `.harden` beside `harden.json`), `ConnectionStrings:redis` names a Redis, `ConnectionStrings:audit` a PostgreSQL
            for the record of all replicas, and `Kestrel` and `Logging` are ASP.NET Core's own.


            """.ReplaceLineEndings("\n"));
        foreach (var (key, type) in sections)
        {
            page.Append(CultureInfo.InvariantCulture, $"## {key}\n\n{Doc($"T:{type.FullName}")}\n\n");
            Table(page, key, type);
        }
        return page.ToString().TrimEnd() + "\n";
    }

    private void Table(StringBuilder page, string key, Type type)
    {
        page.Append("| key | value | meaning |\n| --- | --- | --- |\n");
        var nested = new List<(string Key, Type Type)>();
        foreach (var property in Properties(type))
        {
            var path = $"{key}:{property.Name}";
            var element = Element(property.PropertyType) ?? property.PropertyType;
            if (!IsScalar(element))
                nested.Add((property.PropertyType == element ? path : $"{path}:n", element));
            page.Append(CultureInfo.InvariantCulture, $"| `{path}` | {Value(property.PropertyType)} | {Doc(property).Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }
        page.Append('\n');
        foreach (var (path, element) in nested)
        {
            page.Append(CultureInfo.InvariantCulture, $"### {path}\n\n{Doc($"T:{element.FullName}")}\n\n");
            Table(page, path, element);
        }
    }

    private JsonObject Node(Type type, string description)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var node = new JsonObject();
        if (description.Length > 0)
            node["description"] = description;
        if (IsMap(type))
        {
            node["type"] = "object";
            node["additionalProperties"] = Node(Element(type)!, "");
        }
        else if (Element(type) is { } element)
        {
            node["type"] = "array";
            node["items"] = Node(element, "");
        }
        else if (type.IsEnum)
        {
            node["enum"] = new JsonArray([.. Enum.GetNames(type).Select(static n => (JsonNode)n)]);
        }
        else if (IsScalar(type))
        {
            node["type"] = type == typeof(bool) ? "boolean" : type == typeof(int) || type == typeof(long) ? "integer" : type == typeof(double) ? "number" : "string";
        }
        else
        {
            node["type"] = "object";
            node["properties"] = new JsonObject(Properties(type).Select(p => KeyValuePair.Create(p.Name, (JsonNode?)Annotated(p))));
            node["additionalProperties"] = false;
        }
        return node;
    }

    private JsonObject Annotated(PropertyInfo property)
    {
        var node = Node(property.PropertyType, Doc(property));
        if (property.GetCustomAttribute<RangeAttribute>() is { Minimum: int or long or double } range && range.OperandType != typeof(double))
        {
            node["minimum"] = Convert.ToInt64(range.Minimum, CultureInfo.InvariantCulture);
            if (Convert.ToInt64(range.Maximum, CultureInfo.InvariantCulture) is var most and < long.MaxValue)
                node["maximum"] = most;
        }
        if (property.GetCustomAttribute<RegularExpressionAttribute>() is { } expression)
            node["pattern"] = $"^{expression.Pattern}$";
        return node;
    }

    private static string Value(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return Element(type) is { } element ? (IsMap(type) ? "map of " : "list of ") + Value(element)
            : type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(static n => $"`{n}`"))
            : type == typeof(bool) ? "`true`, `false`"
            : type == typeof(TimeSpan) ? "duration"
            : type == typeof(Uri) ? "address"
            : type == typeof(DateOnly) ? "date"
            : type == typeof(string) ? "text"
            : IsScalar(type) ? "number"
            : "see below";
    }

    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.CanWrite || !IsScalar(p.PropertyType));

    private static bool IsMap(Type type) => type.IsAssignableTo(typeof(IDictionary)) || type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>);

    private static Type? Element(Type type) => type == typeof(string) ? null
        : type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)) ? type.GetGenericArguments()[^1]
        : null;

    private static bool IsScalar(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan) || type == typeof(Uri) || type == typeof(DateOnly) || type == typeof(DateTimeOffset);
    }

    private string Doc(PropertyInfo property) => Doc($"P:{property.DeclaringType!.FullName}.{property.Name}".Replace('+', '.'));

    private string Doc(string member) => docs.GetValueOrDefault(member.Replace('+', '.'), "");

    private static string Plain(XElement? summary)
    {
        if (summary is null)
            return "";
        foreach (var reference in summary.Descendants().Where(static e => e.Attribute("cref") is not null).ToArray())
            reference.ReplaceWith($"`{reference.Attribute("cref")!.Value.Split('.')[^1]}`");
        foreach (var code in summary.Descendants("c").ToArray())
            code.ReplaceWith($"`{code.Value}`");
        return Spaces().Replace(summary.Value, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
