using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Harden.Gateway.Tests.Audit.Redaction;

/// <summary>Secrets of every kind, anywhere in bodies of every format, packed and cut off anywhere: nothing of them remains. The cases are random but the same each time.</summary>
public sealed class BodyCanaryTests
{
    private const int Rounds = 4000;
    private const int Window = 6;

    private static readonly string[] Words = ["order", "the", "hello", "amount", "street", "x", "12", "and", "note", "3.5", "ok"];

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    [InlineData("text/event-stream")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=Bound")]
    [InlineData("text/plain")]
    public void SecretInAllowedValue_IsNotInWhatIsKept(string type)
    {
        var random = new Random(type.Length);
        for (var round = 0; round < Rounds; round++)
        {
            var (secret, core) = SecretKinds.All[round % SecretKinds.All.Length](random);
            var separated = random.Next(4) == 0;
            var value = $"{Prose(random)}{(separated ? "\n" : " ")}{secret} {(secret.Contains("assword=", StringComparison.Ordinal) ? "\n" : "")}{Prose(random)}";
            Check(random, Body(random, type, "text", value), type, core, Bodies.Everything, secret);
        }
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=Bound")]
    public void AnyValueUnderTheNameOfASecret_IsNotInWhatIsKept(string type)
    {
        string[] names = ["password", "newPassword", "api_key", "X-Api-Key", "client_secret", "otp", "userPin", "cvv", "accessToken", "refresh_token", "Authorization", "ssn", "sessionId"];
        var random = new Random(type.Length + 1);
        for (var round = 0; round < Rounds / 4; round++)
        {
            var core = SecretKinds.Core(random, 8 + random.Next(8));
            Check(random, Body(random, type, names[round % names.Length], $"{core[..4]}\" '&;{core[4..]}"), type, core[4..], Bodies.Everything, names[round % names.Length]);
        }
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    [InlineData("text/event-stream")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=Bound")]
    public void AnyValueThatNoRuleKeeps_IsNotInWhatIsKept(string type)
    {
        var random = new Random(type.Length + 2);
        for (var round = 0; round < Rounds / 4; round++)
        {
            var core = SecretKinds.Core(random, 8 + random.Next(30));
            Check(random, Body(random, type, "text", core), type, core, Bodies.Keep("/other", "/text/deeper"), "plain");
        }
    }

    [Fact]
    public void RandomBytes_NeverThrow_AndJsonStaysJson()
    {
        string[] types = ["application/json", "application/x-ndjson", "text/event-stream", "application/x-www-form-urlencoded", "multipart/form-data; boundary=B", "text/html", "text/plain; charset=utf-16"];
        string[] encodings = ["", "", "", "gzip", "br", "deflate", "gzip, br"];
        const string Soup = "{}[]\"\\:,=&%;<>@-_ \r\n\t/.+'`0123456789abcdefuUnrtp\u00fc\ud83d\ude00";
        string[] chunks = ["--B\r\n", "\r\n\r\n", "password=", "://", "-----BEGIN", "-----END", "data: ", "<input", "Bearer ", "eyJ", "\\ud800", "%e4", "Content-Disposition: form-data; name=", "true", "null", "1e9"];
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var text = new StringBuilder();
            for (var count = random.Next(40); count > 0; count--)
                text.Append(random.Next(4) == 0 ? chunks[random.Next(chunks.Length)] : Soup[random.Next(Soup.Length)].ToString());
            var bytes = Encoding.UTF8.GetBytes(text.ToString());
            if (round % 3 == 0)
                random.NextBytes(bytes);
            var type = types[random.Next(types.Length)];
            var redacted = Bodies.Redact(bytes, type, random.Next(2) == 0 ? Bodies.Everything : Bodies.Nothing, random.Next(2) == 0, encodings[random.Next(encodings.Length)]);
            if (redacted.NotKept is null && type == "application/json" && redacted.Text.Length > 0)
                JsonDocument.Parse(redacted.Text, new() { MaxDepth = 1000 }).Dispose();
        }
    }

    private static void Check(Random random, byte[] body, string type, string core, Harden.Gateway.Audit.Redaction.BodyRules rules, string label)
    {
        var encoding = new[] { "", "", "gzip", "br" }[random.Next(4)];
        var packed = encoding.Length == 0 ? body : Pack(body, encoding);
        var truncated = random.Next(3) == 0;
        var captured = truncated ? packed[..random.Next(packed.Length)] : packed;

        var redacted = Bodies.Redact(captured, type, rules, truncated, encoding);

        if (!truncated)
            Assert.Null(redacted.NotKept);
        if (redacted.NotKept is null && type == "application/json" && redacted.Text.Length > 0)
            JsonDocument.Parse(redacted.Text).Dispose();
        var text = redacted.Text.Replace("\\u0022", "\"", StringComparison.Ordinal);
        for (var i = 0; i + Window <= core.Length; i++)
        {
            if (text.Contains(core.Substring(i, Window), StringComparison.OrdinalIgnoreCase))
                Assert.Fail($"{label}: {core.Substring(i, Window)} of {core} remains ({type} {encoding}{(truncated ? ", cut" : "")})\n{Encoding.UTF8.GetString(body)}\n=>\n{redacted.Text}");
        }
    }

    private static byte[] Body(Random random, string type, string name, string value) => Encoding.UTF8.GetBytes(type.Split(';')[0] switch
    {
        "application/json" => Json(random, name, value),
        "application/x-ndjson" => $"{{\"a\":1}}\n{Json(random, name, value)}\n{{\"b\":2}}\n",
        "text/event-stream" => $"event: x\ndata: {Json(random, name, value)}\n\ndata: {{\"b\":2}}\n\n",
        "application/x-www-form-urlencoded" => $"a=1&{name}={(random.Next(2) == 0 ? Uri.EscapeDataString(value) : System.Net.WebUtility.UrlEncode(value))}&b=2",
        "multipart/form-data" => $"--Bound\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--Bound--\r\n",
        _ => value,
    });

    // Nested anywhere, sometimes as JSON in a string of JSON, sometimes with every character escaped.
    private static string Json(Random random, string name, string value)
    {
        var text = random.Next(5) == 0 ? "\"" + string.Concat(value.Select(static c => $"\\u{(int)c:x4}")) + "\"" : JsonSerializer.Serialize(value);
        var json = random.Next(3) == 0 ? $"{{\"first\":\"one\",\"{name}\":{text},\"last\":[1,2]}}" : $"{{\"{name}\":{text}}}";
        for (var depth = random.Next(6); depth > 0; depth--)
            json = random.Next(4) switch { 0 => $"[{json},0]", 1 => $"{{\"list\":[null,{json}]}}", _ => $"{{\"inner\":{json},\"more\":true}}" };
        return random.Next(8) == 0 ? $"{{\"wrapped\":{JsonSerializer.Serialize(json)}}}" : json;
    }

    private static string Prose(Random random) => string.Join(' ', Enumerable.Range(0, random.Next(6)).Select(_ => Words[random.Next(Words.Length)]));

    private static byte[] Pack(byte[] body, string encoding)
    {
        using var packed = new MemoryStream();
        using (Stream packing = encoding == "br" ? new BrotliStream(packed, CompressionLevel.Fastest) : new GZipStream(packed, CompressionLevel.Fastest))
            packing.Write(body);
        return packed.ToArray();
    }
}
