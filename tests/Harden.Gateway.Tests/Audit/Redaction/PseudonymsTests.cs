using System.Text.Json;
using Harden.Gateway.Audit.Redaction;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Tests.Audit.Redaction;

public sealed class PseudonymsTests : IDisposable
{
    private readonly string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    [Fact]
    public void EqualValues_HaveEqualPseudonyms_UntilTheKeyIsReplaced()
    {
        var first = Of("""{"a":"x","b":"\u0078","c":"y","n":17,"t":true,"password":"x","e":null}""");

        Assert.StartsWith("~k1:", first["a"], StringComparison.Ordinal);
        Assert.Equal(4 + 12, first["a"].Length);
        Assert.Equal(first["a"], first["b"]);
        Assert.NotEqual(first["a"], first["c"]);
        Assert.StartsWith("~k1:", first["n"], StringComparison.Ordinal);
        Assert.Equal("*", first["t"]);
        Assert.Equal("*", first["password"]);
        Assert.Equal("", first["e"]);
        Assert.Equal(first["a"], Of("""{"a":"x"}""")["a"]);

        File.WriteAllText(file, $"k2 {Convert.ToBase64String(new byte[32])}\n{File.ReadAllText(file)}");
        Assert.StartsWith("~k2:", Of("""{"a":"x"}""")["a"], StringComparison.Ordinal);
    }

    [Fact]
    public void Forms_LeaveTheSamePseudonymsAsJson()
    {
        var redactor = new BodyRedactor(Pseudonyms.Open(file));

        var form = Bodies.Redact("a=two+words&pin=1234", "application/x-www-form-urlencoded", Bodies.Nothing, redactor: redactor).Text;

        Assert.Equal($"a={Of("""{"a":"two words"}""")["a"]}&pin=*", form);
    }

    [Fact]
    public void KeyFile_IsReadableByItsOwnerOnly()
    {
        Pseudonyms.Open(file);

        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Theory]
    [InlineData("")]
    [InlineData("k1")]
    [InlineData("k1 AAAA")]
    [InlineData("k:1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("k1 not-base64!")]
    public void FileWithoutAKey_IsRefusedInASentenceWithoutIt(string content)
    {
        File.WriteAllText(file, content);

        var refused = Assert.Throws<ConfigurationException>(() => Pseudonyms.Open(file));

        Assert.Contains("Audit:PseudonymKey", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("AAAA", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(file);

    private Dictionary<string, string> Of(string json)
    {
        var text = Bodies.Redact(json, "application/json", Bodies.Nothing, redactor: new BodyRedactor(Pseudonyms.Open(file))).Text;
        using var document = JsonDocument.Parse(text);
        return document.RootElement.EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value.ToString());
    }
}
