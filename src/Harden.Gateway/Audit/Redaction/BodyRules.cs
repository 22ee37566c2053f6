namespace Harden.Gateway.Audit.Redaction;

/// <summary>Body options made ready for use. What any of them keeps is kept: an audit rule's own, besides the defaults in <c>Audit:Bodies</c>.</summary>
internal sealed class BodyRules
{
    /// <summary>The most JSON pointers of a rule and the defaults together: a mark has one bit for each.</summary>
    public const int MostPointers = 63;

    private readonly NameSet fields;
    private readonly NameSet parts;

    public BodyRules(params ReadOnlySpan<BodyOptions> options)
    {
        var pointers = new List<string>();
        var forms = new List<string>();
        var multipart = new List<string>();
        foreach (var each in options)
        {
            pointers.AddRange(each.JsonPointers);
            forms.AddRange(each.FormFields);
            multipart.AddRange(each.MultipartParts);
            Text |= each.Text;
        }
        All = pointers.Contains("/**");
        Text |= All;
        Pointers = new(All ? ["/**"] : pointers);
        fields = new(forms, All);
        parts = new(multipart, All);
    }

    /// <summary>All values of every format are kept.</summary>
    public bool All { get; }

    /// <summary>Text is kept.</summary>
    public bool Text { get; }

    /// <summary>The values of JSON that are kept.</summary>
    public JsonPointers Pointers { get; }

    /// <summary>The value of this form field is kept.</summary>
    public bool KeepsField(ReadOnlySpan<char> name) => fields.Contains(name);

    /// <summary>This part of a multipart form is kept.</summary>
    public bool KeepsPart(ReadOnlySpan<char> name) => parts.Contains(name);

    private sealed class NameSet
    {
        private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> names;
        private readonly string[] beginnings;

        public NameSet(List<string> listed, bool all)
        {
            names = listed.Where(static name => !name.EndsWith('*')).ToHashSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
            beginnings = all ? [""] : [.. listed.Where(static name => name.EndsWith('*')).Select(static name => name[..^1])];
        }

        public bool Contains(ReadOnlySpan<char> name)
        {
            foreach (var beginning in beginnings)
            {
                if (name.StartsWith(beginning, StringComparison.Ordinal))
                    return true;
            }
            return names.Contains(name);
        }
    }
}
