using System.IO.Compression;
using System.Text;
using Harden.Gateway.Audit.Redaction;

namespace Harden.Gateway.Tests.Audit.Redaction;

public sealed class BodyFormatTests
{
    [Theory]
    [InlineData("", "content-type")]
    [InlineData("application/octet-stream", "content-type")]
    [InlineData("application/grpc", "content-type")]
    [InlineData("application/x-protobuf", "content-type")]
    [InlineData("image/png", "content-type")]
    [InlineData("text/html", "not-allowed")]
    [InlineData("application/xml", "not-allowed")]
    [InlineData("application/json; charset=shift_jis", "undecodable")]
    public void BodyThatCannotBeRedacted_IsNotKept(string type, string reason) =>
        Assert.Equal(reason, Bodies.Redact("{\"a\":1}", type, Bodies.Nothing).NotKept);

    [Theory]
    [InlineData("application/json", "a\":\"*")]
    [InlineData("APPLICATION/Problem+JSON; charset=\"UTF-8\"", "a\":\"*")]
    [InlineData("application/graphql-response+json", "a\":\"*")]
    [InlineData("application/x-ndjson", "a\":\"*")]
    [InlineData("application/x-www-form-urlencoded", "a\":\"*")]
    public void JsonUnderAnyOfItsNames_IsRedacted(string type, string expected) =>
        Assert.Contains(expected, Bodies.Redact("{\"a\":\"x\"}", type, Bodies.Nothing).Text, StringComparison.Ordinal);

    [Fact]
    public void InvalidUtf8_IsNotKept() =>
        Assert.Equal("undecodable", Bodies.Redact([(byte)'"', 0xff, 0xfe, (byte)'"'], "application/json", Bodies.Everything).NotKept);

    [Theory]
    [InlineData("text/plain", "password=hunter2")]
    [InlineData("text/plain; charset=iso-8859-1", "password=hunter2")]
    [InlineData("text/event-stream", "data: password=hunter2\n\n")]
    [InlineData("multipart/form-data; boundary=b", "\r\n--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n{0}\r\n--b--\r\n")]
    public void Utf16ThatNobodyAnnounced_IsNotKept(string type, string text)
    {
        var rules = new BodyRules(new BodyOptions { Text = true, MultipartParts = ["*"], JsonPointers = ["/**"] });
        var body = text.Contains("{0}", StringComparison.Ordinal)
            ? Encoding.Latin1.GetBytes(text.Replace("{0}", Encoding.Latin1.GetString(Encoding.Unicode.GetBytes("password=hunter2")), StringComparison.Ordinal))
            : Encoding.Unicode.GetBytes(text);

        var redacted = Bodies.Redact(body, type, rules);

        Assert.DoesNotContain("hunter2", redacted.Text.Replace("\0", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-16le")]
    [InlineData("utf-16be")]
    [InlineData("utf-16")]
    public void Utf16_IsRead(string charset)
    {
        var bytes = (charset == "utf-16be" ? Encoding.BigEndianUnicode : Encoding.Unicode).GetBytes("{\"a\":\"ü\"}");

        Assert.Equal("{\"a\":\"ü\"}", Bodies.Redact(bytes, $"application/json; charset={charset}", Bodies.Everything).Text);
    }

    [Fact]
    public void Latin1AndByteOrderMarks_AreRead()
    {
        Assert.Equal("ü x", Bodies.Redact([0xfc, (byte)' ', (byte)'x'], "text/plain; charset=ISO-8859-1", Bodies.Everything).Text);
        Assert.Equal("[1]", Bodies.Redact([0xef, 0xbb, 0xbf, .. "[1]"u8], "application/json", Bodies.Everything).Text);
        Assert.Equal("[1]", Bodies.Redact([0xff, 0xfe, (byte)'[', 0, (byte)'1', 0, (byte)']', 0], "application/json", Bodies.Everything).Text);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("raw-deflate")]
    [InlineData("gzip, br")]
    public void Compressed_IsReadAlsoWhenItIsCutOff(string encoding)
    {
        var json = "[" + string.Join(",", Enumerable.Range(0, 4000).Select(static i => $"{{\"id\":{i * 7919 % 1000},\"password\":\"p{i}\"}}")) + "]";
        var packed = encoding.Split(", ").Aggregate(Encoding.UTF8.GetBytes(json), Pack);
        var name = encoding.Replace("raw-", "", StringComparison.Ordinal);

        var whole = Bodies.Redact(packed, "application/json", Bodies.Everything, encoding: name);
        var cut = Bodies.Redact(packed[..(packed.Length * 2 / 3)], "application/json", Bodies.Everything, truncated: true, encoding: name);

        Assert.Null(whole.NotKept);
        Assert.StartsWith("[{\"id\":0,\"password\":\"*\"},{\"id\":919,", whole.Text, StringComparison.Ordinal);
        Assert.EndsWith("}]", whole.Text, StringComparison.Ordinal);
        Assert.Null(cut.NotKept);
        Assert.StartsWith("[{\"id\":0,\"password\":\"*\"}", cut.Text, StringComparison.Ordinal);
        Assert.EndsWith("…\"]", cut.Text.Replace("}]", "]", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zstd", "encoding")]
    [InlineData("gzip, gzip, gzip", "encoding")]
    [InlineData("gzip", "undecodable")]
    [InlineData("br", "undecodable")]
    [InlineData("deflate", "undecodable")]
    public void WhatIsNotPackedAsItSays_IsNotKept(string encoding, string reason)
    {
        var packed = Enumerable.Repeat(0, encoding.Count(static c => c == ',') + 1).Aggregate("{\"a\":\"secret\"}"u8.ToArray(), static (b, _) => Pack(b, "gzip"));
        var body = reason == "encoding" ? packed : "{\"a\":\"secret\"}"u8.ToArray();

        Assert.Equal(reason, Bodies.Redact(body, "application/json", Bodies.Everything, encoding: encoding).NotKept);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("gzip, gzip")]
    public void Bomb_IsReadOnlyAsFarAsThereIsRoom(string encoding)
    {
        var bomb = encoding.Split(", ").Aggregate(Encoding.UTF8.GetBytes("[" + new string(' ', 50_000_000) + "1]"), Pack);

        var redacted = Bodies.Redact(bomb, "application/json", Bodies.Everything, encoding: encoding);

        Assert.Null(redacted.NotKept);
        Assert.Equal("[\"…\"]", redacted.Text);
    }

    [Theory]
    [InlineData("a=1&b=two+words&c", "", "a=*&b=*&c")]
    [InlineData("a=1&b=two+words&c", "b", "a=*&b=two+words&c")]
    [InlineData("user[name]=x&user[password]=y&user%5Bpin%5D=1", "*", "user[name]=x&user[password]=*&user%5Bpin%5D=*")]
    [InlineData("item.0=x&item.1=y", "item.*", "item.0=x&item.1=y")]
    [InlineData("alice%40example.com=1&x=%ff", "*", "*=1&x=*")]
    [InlineData("note=see+ghp_abcdefgh1234+ok&x=4111+1111+1111+1111", "*", "note=see+*+ok&x=*")]
    [InlineData("%70assword=x", "*", "%70assword=*")]
    [InlineData("=x&&a=", "*", "=*&&a=")]
    public void Form_KeepsNamesAndAllowedValues(string body, string field, string expected)
    {
        var rules = new BodyRules(new BodyOptions { FormFields = field.Length == 0 ? [] : [field] });

        Assert.Equal(expected.Replace("see+*+ok", "see%20*%20ok", StringComparison.Ordinal), Bodies.Redact(body, "application/x-www-form-urlencoded", rules).Text);
    }

    [Theory]
    [InlineData("a=1&b=secr", "a=1&b=…")]
    [InlineData("a=1&secr", "a=1&…")]
    [InlineData("a=1&", "a=1")]
    public void CutForm_LosesItsLastValue(string body, string expected) =>
        Assert.Equal(expected, Bodies.Redact(body, "application/x-www-form-urlencoded", Bodies.Everything, truncated: true).Text.TrimEnd('&'));

    [Fact]
    public void Lines_AreRedactedEachByItself() =>
        Assert.Equal("{\"a\":1,\"b\":\"*\"}\n\"*\"\n{\"a\":2,\"…\":\"…\"}\n",
            Bodies.Redact("{\"a\":1,\"b\":2}\r\n\nnot json\n{\"a\":2,", "application/x-ndjson", Bodies.Keep("/a"), truncated: true).Text);

    [Fact]
    public void Events_KeepTheirShape()
    {
        var stream = ": hi\nevent: message\nid: 42\nretry: 3000\ndata: {\"a\":1,\ndata:  \"password\":\"x\"}\n\ndata: [DONE]\n\ndata: plain words\n\ndata: {\"a\":\"sec";

        Assert.Equal(": *\nevent: message\nid: *\nretry: 3000\ndata: {\"a\":1,\"password\":\"*\"}\n\ndata: [DONE]\n\ndata: *\n\ndata: {\"a\":\"…\"}\n",
            Bodies.Redact(stream, "text/event-stream", Bodies.Keep("/a"), truncated: true).Text);
        Assert.Contains("data: plain words\n", Bodies.Redact(stream, "text/event-stream; charset=utf-8", Bodies.Everything, truncated: true).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_KeepsWhatIsNoSecret()
    {
        var html = "<p>Hello Bearer abcdefgh12 and</p><input type=hidden name=_csrf value=abc><p>card 4111 1111 1111 1111</p> the en";

        Assert.Equal("<p>Hello Bearer * and</p><input*><p>card *</p> the…", Bodies.Redact(html, "text/html", new(new BodyOptions { Text = true }), truncated: true).Text);
    }

    [Fact]
    public void Multipart_IsWrittenPartByPart()
    {
        var body = "--B\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello ghp_abcdefgh1234\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nother value\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"alice tax.pdf\"\r\nContent-Type: application/pdf\r\n\r\n\u0001\u0002\r\n-\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{\"id\":1,\"x\":2}\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"cut\"\r\n\r\nhalf of a wor";
        var rules = new BodyRules(new BodyOptions { MultipartParts = ["note", "cut"], JsonPointers = ["/id"] });

        Assert.Equal("""
            --*
            Content-Disposition: form-data; name="note"

            hello *
            --*
            Content-Disposition: form-data; name="password"

            *
            --*
            Content-Disposition: form-data; name="other"

            *
            --*
            Content-Disposition: form-data; name="file"; filename="*.pdf"
            Content-Type: application/pdf

            (5 bytes)
            --*
            Content-Disposition: form-data; name="meta"
            Content-Type: application/json

            {"id":1,"x":"*"}
            --*
            Content-Disposition: form-data; name="cut"

            half of a…

            """.ReplaceLineEndings("\n"), Bodies.Redact(body, "multipart/form-data; boundary=\"B\"", rules, truncated: true).Text);
    }

    [Theory]
    [InlineData("no parts at all", "multipart/form-data; boundary=B")]
    [InlineData("--B\r\n\r\nx\r\n--B--", "multipart/form-data")]
    public void MultipartWithoutParts_IsNotKept(string body, string type) =>
        Assert.Equal("undecodable", Bodies.Redact(body, type, Bodies.Everything).NotKept);

    private static byte[] Pack(byte[] body, string encoding)
    {
        using var packed = new MemoryStream();
        using (Stream packing = encoding switch
        {
            "br" => new BrotliStream(packed, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest),
            "raw-deflate" => new DeflateStream(packed, CompressionLevel.Fastest),
            _ => new GZipStream(packed, CompressionLevel.Fastest),
        })
            packing.Write(body);
        return packed.ToArray();
    }
}
