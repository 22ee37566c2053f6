using System.Text.Json;

namespace Harden.Gateway.Tests.Audit.Redaction;

public sealed class JsonBodyTests
{
    [Theory]
    [InlineData("""{"order":{"id":7,"note":"hello"}}""", "", """{"order":{"id":"*","note":"*"}}""")]
    [InlineData("""{"order":{"id":7,"note":"hello"}}""", "/order/id", """{"order":{"id":7,"note":"*"}}""")]
    [InlineData("""{"order":{"id":7,"note":"hello"}}""", "/order", """{"order":{"id":"*","note":"*"}}""")]
    [InlineData("""{"order":{"id":7,"note":"hello"}}""", "/order/**", """{"order":{"id":7,"note":"hello"}}""")]
    [InlineData("""{"items":[{"n":"a"},{"n":"b"}]}""", "/items/*/n", """{"items":[{"n":"a"},{"n":"b"}]}""")]
    [InlineData("""{"items":[{"n":"a"},{"n":"b"}]}""", "/items/1/n", """{"items":[{"n":"*"},{"n":"b"}]}""")]
    [InlineData("""{"a":true,"b":null,"c":"","d":[]}""", "", """{"a":"*","b":null,"c":"*","d":[]}""")]
    [InlineData("""{"a":1e400,"b":123456789012345678901234567890.5}""", "/**", """{"a":1e400,"b":123456789012345678901234567890.5}""")]
    [InlineData("""{"a":1,"a":2}""", "/a", """{"a":1,"a":2}""")]
    [InlineData("""{"password":"x","user":{"apiKey":"x","pin":1234},"max_tokens":5,"tokens":["x"]}""", "/**", """{"password":"*","user":{"apiKey":"*","pin":"*"},"max_tokens":5,"tokens":["*"]}""")]
    [InlineData("""{"credentials":{"any":"x"}}""", "/**", """{"credentials":{"any":"*"}}""")]
    [InlineData("""[{"name":"user","value":"u"},{"name":"password","value":"x"},{"name":"note","value":"n"}]""", "/**", """[{"name":"user","value":"u"},{"name":"password","value":"*"},{"name":"note","value":"n"}]""")]
    [InlineData("""{"Key":"Api\u0020Key","Id":5,"Value":{"a":["x",1]}}""", "/**", """{"Key":"Api Key","Id":5,"Value":{"a":["*","*"]}}""")]
    [InlineData("""{"name":"max_tokens","value":5,"default":"x"}""", "/**", """{"name":"max_tokens","value":5,"default":"*"}""")]
    [InlineData("""{"type":"password","label":"Hint","defaultValue":"x","in":{"value":"y"}}""", "/defaultValue", """{"type":"*","label":"*","defaultValue":"*","in":{"value":"*"}}""")]
    [InlineData("""{"name":"Cookie jar","price":5,"names":["password"],"other":{"value":"v"}}""", "/**", """{"name":"Cookie jar","price":5,"names":["password"],"other":{"value":"v"}}""")]
    [InlineData("""{"alice@example.com":1,"4f2a9c1b":2}""", "/**", """{"*":1,"*":2}""")]
    [InlineData("""{"\u0070assword":"x"}""", "/**", """{"password":"*"}""")]
    [InlineData("""{"a":"\ud800","\udc00":1}""", "/**", """{"a":"*","*":"*"}""")]
    [InlineData("""{"größe":"ü€"}""", "/**", """{"größe":"ü€"}""")]
    [InlineData("// note\n[1,2,]", "/**", "[1,2]")]
    [InlineData("\"alone\"", "/**", "\"alone\"")]
    [InlineData("\"alone\"", "/a", "\"*\"")]
    public void Json_KeepsStructureAndAllowedValues(string body, string pointer, string expected)
    {
        var redacted = Bodies.Redact(body, "application/json; charset=utf-8", pointer.Length == 0 ? Bodies.Nothing : Bodies.Keep(pointer));

        Assert.Null(redacted.NotKept);
        Assert.Equal(expected, redacted.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":\"secr")]
    [InlineData("{\"a\":12")]
    [InlineData("{\"a\":tr")]
    [InlineData("{\"a\":[1,2")]
    [InlineData("{\"a\":[1,{\"b\":1}")]
    [InlineData("{\"a\":1},")]
    [InlineData("\"ü")]
    [InlineData("{\"a\":1,\"sec")]
    public void CutJson_IsClosedAndMarked(string body)
    {
        var redacted = Bodies.Redact(body, "application/json", Bodies.Everything, truncated: true);

        Assert.DoesNotContain("sec", redacted.Text, StringComparison.Ordinal);
        if (redacted.NotKept is null && body.Length > 0)
            JsonDocument.Parse(redacted.Text).Dispose();
    }

    [Theory]
    [InlineData("{\"a\":1")]
    [InlineData("{'a':1}")]
    [InlineData("hello")]
    [InlineData("{\"a\":1}{\"b\":2}")]
    public void WhatIsNotJson_IsNotKept(string body) =>
        Assert.Equal("undecodable", Bodies.Redact(body, "application/json", Bodies.Everything).NotKept);

    [Fact]
    public void DeepCorner_IsAStarAndHidesNothingElse()
    {
        var deep = $"{{\"a\":{new string('[', 5000)}{new string(']', 5000)},\"b\":1}}";

        var text = Bodies.Redact(deep, "application/json", Bodies.Everything).Text;

        Assert.Contains("\"b\":1", text, StringComparison.Ordinal);
        Assert.Contains("[\"*\"]", text, StringComparison.Ordinal);
        Assert.True(text.Length < 300, text);
    }
}
