namespace Harden.Gateway.Tests;

public sealed class SecretShapeTests
{
    private const string Hex = "0f3a9c81d2e47b65";

    [Theory]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\ndef\n-----END RSA PRIVATE KEY-----", "*")]
    [InlineData("a -----BEGIN PRIVATE KEY-----\\nMIIabc\\n-----END PRIVATE KEY-----\\n b", "a *\\n b")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNza", "*")]
    [InlineData("LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ", "*")]
    [InlineData("password: |\n  hunter two\n\n   three\nuser: ada", "password: *\nuser: ada")]
    [InlineData("a:\n  token: >-\r\n    hunter\r\n    two\r\n  b: 1", "a:\n  token: *\n  b: 1")]
    [InlineData("password: |2\n  hunter", "password: *")]
    [InlineData("see eyJhbGciOiJI.eyJzdWIiOiIx.c2ln now", "see * now")]
    [InlineData("Bearer abcdefgh1", "Bearer *")]
    [InlineData("bearer%20abcdefgh1 x", "bearer%20* x")]
    [InlineData("Basic YWxpY2U6czNjcmV0", "Basic *")]
    [InlineData("Basic dTpw", "Basic *")]
    [InlineData("id AKIAIOSFODNN7EXAMPLE.", "id *")]
    [InlineData("ASIAIOSFODNN7EXAMPLE", "*")]
    [InlineData("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "*")]
    [InlineData("AIzaSyD-abcdefghijklmnopqrstuvwx", "*")]
    [InlineData("ghp_abcdefghijklmnop", "*")]
    [InlineData("x\\nghp_abcdefghijklmnop", "x\\n*")]
    [InlineData("github_pat_11ABCDEFG0", "*")]
    [InlineData("glpat-abcdefgh1234", "*")]
    [InlineData("xoxb-123456789012-abc", "*")]
    [InlineData("sk_live_abcdefgh1234", "*")]
    [InlineData("sk-proj-abcdef1234", "*")]
    [InlineData("sk-ant-api03-abcdef", "*")]
    [InlineData("npm_abcdefgh12345", "*")]
    [InlineData("harden_abcdefgh12345", "*")]
    [InlineData("https://x.blob.core.windows.net/c?sv=2024&sig=abc%2Bdef%3D&se=1", "https://x.blob.core.windows.net/c?sv=2024&sig=*&se=1")]
    [InlineData("Server=db;User Id=sa;Password=my p@ss,word;Encrypt=true", "Server=db;User Id=sa;Password=*;Encrypt=true")]
    [InlineData("Server=db;Pwd=a&b;X=1", "Server=db;Pwd=*;X=1")]
    [InlineData("AccountName=x;AccountKey=abc==;EndpointSuffix=y", "AccountName=x;AccountKey=*;EndpointSuffix=y")]
    [InlineData("postgres://app:s3cret@db:5432/x", "postgres://*@db:5432/x")]
    [InlineData("postgres://app:s3/cret@db:5432/x", "postgres://*@db:5432/x")]
    [InlineData("redis://:pw@cache", "redis://*@cache")]
    [InlineData("{\"password\":\"a\\\"b\",\"x\":1}", "{\"password\":\"*\",\"x\":1}")]
    [InlineData("{\\\"pin\\\":\\\"1234\\\",\\\"x\\\":1}", "{\\\"pin\\\":\\\"*\\\",\\\"x\\\":1}")]
    [InlineData("{\"pin\": 1234 }", "{\"pin\": *")]
    [InlineData("X-Api-Key: abc\nAccept: x", "X-Api-Key: *\nAccept: x")]
    [InlineData("api_key => 'abc' next", "api_key => '*' next")]
    [InlineData("<ns:password type=\"a\">hunter2</ns:password>", "<ns:password type=\"a\">*</ns:password>")]
    [InlineData("<pin><![CDATA[12<34]]></pin>", "<pin>*]]></pin>")]
    [InlineData("<input type=\"hidden\" name=\"csrf_token\" value=\"abc\"><b>", "<input*><b>")]
    [InlineData("card 4111 1111 1111 1111 123", "card * 123")]
    [InlineData("4111-1111-1111-1111", "*")]
    [InlineData("3782 822463 10005", "*")]
    [InlineData("12345678901234567890123 and 5555555555554444", "12345678901234567890123 and *")]
    [InlineData("NDExMTExMTExMTExMTExMQ==", "*")]
    [InlineData("4111%201111%201111%201111", "*")]
    [InlineData("%70assword%3Dhunter2 x", "* x")]
    [InlineData("to DE89 3704 0044 0532 0130 00 now", "to * now")]
    [InlineData($"key {Hex}{Hex}", "key *")]
    [InlineData("qWeRtYuIoPaSdFgHjKlZxCvBnMqWeRtYuI", "*")]
    public void Secret_IsMaskedAndNothingElse(string text, string expected)
    {
        var room = Array.Empty<char>();

        Assert.Equal(expected, SecretShape.Mask(text, ref room, out var rule).ToString());
        Assert.Equal(rule, SecretShape.Of(text));
        Assert.NotNull(rule);
    }

    [Theory]
    [InlineData("The quick brown fox jumps over the lazy dog, 12 times a day.")]
    [InlineData("0197a3f2-6f0c-7d64-9d1b-2f6f5a0c8e11")]
    [InlineData("/customers/0197a3f2-6f0c-7d64-9d1b-2f6f5a0c8e11/documents/0197a3f2-6f0c-7d64-9d1b-2f6f5a0c8e12")]
    [InlineData("/api/v1/customers/12345/orders/67890/positions/3")]
    [InlineData("https://example.com:8443/users/@alice?page=2")]
    [InlineData("Basic information about the tokenizer and its authors")]
    [InlineData("2026-11-21T03:59:30.1234567+00:00")]
    [InlineData("1763697570123")]
    [InlineData("345.6789012345678")]
    [InlineData("+49 151 2345 6789")]
    [InlineData("4111111111111112")]
    [InlineData("sk-fading-circle")]
    [InlineData("max_tokens: 500")]
    [InlineData("getCustomerAddressByPostalCodeAndStreetName")]
    [InlineData("design: pinned passengers compass")]
    [InlineData("100%25 of 3%ab")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36")]
    public void OrdinaryText_Stays(string text) => Assert.Null(SecretShape.Of(text));

    [Theory]
    [InlineData("so far ghp_ab", "so far")]
    [InlineData("pay 4111 1111 11", "pay")]
    [InlineData("send Bearer ab", "send")]
    [InlineData("<a>x</a> <input value=\"abc\" na", "<a>x</a> ")]
    [InlineData("oneword", "")]
    public void TextThatIsCutOff_LosesWhatMayBeHalfASecret(string text, string expected) =>
        Assert.Equal(expected, text[..SecretShape.SafeLength(text)]);

    [Theory]
    [InlineData("password", true)]
    [InlineData("userPassword2", true)]
    [InlineData("API_KEY", true)]
    [InlineData("x-auth-token", true)]
    [InlineData("PIN", true)]
    [InlineData("user[otp]", true)]
    [InlineData("clientsecret", true)]
    [InlineData("spinning", false)]
    [InlineData("author", false)]
    [InlineData("design", false)]
    [InlineData("max_tokens", false)]
    [InlineData("p\u200bin", true)] // a character that nobody sees
    [InlineData("user_\u2060otp", true)]
    [InlineData("P\u200bI\u200bN", true)]
    [InlineData("pi\u00adn", true)]
    public void NameOfASecret_IsKnownHoweverItIsSpelled(string name, bool secret) => Assert.Equal(secret, SecretNames.Of(name) == SecretName.Secret);

    [Theory]
    [InlineData("first_name", true)]
    [InlineData("items[0][price]", true)]
    [InlineData("@type", true)]
    [InlineData("größe", true)]
    [InlineData("alice@example.com", false)]
    [InlineData("Canary7Secret9Value", false)]
    [InlineData("4f2a9c1b", false)]
    [InlineData("ghp_abcdefghijkl", false)]
    [InlineData("", false)]
    public void PlainName_IsWhatAProgrammerGives(string name, bool plain) => Assert.Equal(plain, PlainName.Is(name));
}
