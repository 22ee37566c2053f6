using System.Text;
using System.Text.Json;
using Harden.Gateway.Audit.Redaction.Formats;

namespace Harden.Gateway.Tests.Audit.Redaction;

/// <summary>Holds our reader of JSON against the platform's: over documents as people write them, and over what becomes of those when bytes are changed, added, left out and cut off.</summary>
public sealed class JsonTokensTests
{
    private static readonly JsonReaderOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = int.MaxValue };

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "/", "//", "/*", "*/", "\n", " ", "\t", "0", "-", "1.5", "e+3", ".", "true", "nul", "false", "null", "\"a\"", "\"\\u00e4\"", "\"\\ud83d\\ude00\"", "\u0001", "ü",
        "\"a string that is longer than a vector of bytes, twice\"", "\"\\\"\"", "{\"a\":1}", "[1,]", "/* x */", "\r\n", "'", "\\u12", "+",
    ];

    [Theory]
    [InlineData("")]
    [InlineData("{\"a\":[1,2,{\"b\":null}],}")]
    [InlineData("[1 2]")]
    [InlineData("[,]")]
    [InlineData("{,}")]
    [InlineData("[1,,2]")]
    [InlineData("{\"a\" : 1 /* x */ , // y\n \"b\":2}")]
    [InlineData("{\"a\"/**/:1}")]
    [InlineData("[01]")]
    [InlineData("[-]")]
    [InlineData("[1.e5]")]
    [InlineData("[1E-7]")]
    [InlineData("{} {}")]
    [InlineData("{]")]
    [InlineData("[}")]
    [InlineData("\"\\x\"")]
    [InlineData("\"\t\"")]
    [InlineData("{\"a\"}")]
    [InlineData("{\"a\":}")]
    [InlineData("1 // end")]
    [InlineData("1 /")]
    [InlineData("1 /* end")]
    [InlineData("truex")]
    [InlineData("\ufeff{}")]
    public void Document_ReadsAsThePlatformReadsIt(string document) => AssertSame(Encoding.UTF8.GetBytes(document));

    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(1000)]
    public void DeepDocument_ReadsAsThePlatformReadsIt(int depth)
    {
        var open = string.Concat(Enumerable.Range(0, depth).Select(static i => i % 3 == 0 ? "{\"a\":" : "["));
        var close = string.Concat(Enumerable.Range(0, depth).Reverse().Select(static i => i % 3 == 0 ? "}" : "]"));
        AssertSame(Encoding.UTF8.GetBytes(open + "1" + close));
        AssertSame(Encoding.UTF8.GetBytes(open + "1" + close[..^1] + "}]"));
        AssertSame(Encoding.UTF8.GetBytes(open + close.Replace(']', '}')));
    }

    [Fact]
    public void ChangedDocuments_ReadAsThePlatformReadsThem()
    {
        var random = new Random(20260729);
        for (var round = 0; round < 60_000; round++)
        {
            var document = new StringBuilder();
            Write(document, random, 4);
            for (var change = random.Next(4); change > 0 && document.Length > 0; change--)
            {
                var at = random.Next(document.Length);
                if (random.Next(3) == 0)
                    document.Remove(at, 1);
                else
                    document.Insert(at, Pieces[random.Next(Pieces.Length)]);
            }
            var bytes = Encoding.UTF8.GetBytes(document.ToString());
            AssertSame(bytes[..(random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length + 1))]);
        }
    }

    private static void Write(StringBuilder document, Random random, int deepest)
    {
        var count = random.Next(4);
        switch (deepest == 0 ? 2 : random.Next(3))
        {
            case 0:
                document.Append('{');
                for (var i = 0; i < count; i++)
                {
                    document.Append(i > 0 ? ", " : "").Append("\"name").Append(random.Next(10)).Append("\":");
                    Write(document, random, deepest - 1);
                }
                document.Append('}');
                break;
            case 1:
                document.Append('[');
                for (var i = 0; i < count; i++)
                {
                    document.Append(i > 0 ? "," : "");
                    Write(document, random, deepest - 1);
                }
                document.Append(']');
                break;
            default:
                document.Append(new[] { "1", "-0.5e10", "true", "false", "null", "\"\"", "\"text of some length, with \\\\ and \\u20ac\"", "\"x\"" }[random.Next(8)]);
                break;
        }
    }

    private static void AssertSame(byte[] document)
    {
        foreach (var isCut in new[] { false, true })
        {
            var (theirs, ours) = (Platform(document, isCut), Own(document, isCut));
            Assert.True(theirs == ours, $"{(isCut ? "Cut" : "Whole")}: {Encoding.UTF8.GetString(document)}\ntheirs: {theirs}\nours:   {ours}");
        }
    }

    private static string Platform(byte[] document, bool isCut)
    {
        var tokens = new StringBuilder();
        var reader = new Utf8JsonReader(document, isFinalBlock: !isCut, new JsonReaderState(Lenient));
        try
        {
            while (reader.Read())
                tokens.Append(reader.TokenType).Append(' ').Append(Encoding.UTF8.GetString(reader.ValueSpan)).Append(reader.ValueIsEscaped ? "\\ " : " ");
            return tokens.ToString();
        }
        catch (JsonException)
        {
            return "no JSON";
        }
    }

    private static string Own(byte[] document, bool isCut)
    {
        var tokens = new StringBuilder();
        var reader = new JsonTokens(document, isCut);
        while (reader.Read())
        {
            var isText = reader.Kind is JsonTokenType.String or JsonTokenType.PropertyName;
            tokens.Append(reader.Kind).Append(' ').Append(Encoding.UTF8.GetString(reader.Value)).Append(isText && reader.IsEscaped ? "\\ " : " ");
        }
        return reader.IsBad ? "no JSON" : tokens.ToString();
    }
}
