using System.Text;
using Harden.Gateway.Tests.Audit.Redaction;

namespace Harden.Gateway.Tests;

/// <summary>What is told of a value at a glance is never that it is harmless when a detector would find something in it.</summary>
public sealed class SecretHintsTests
{
    private static readonly string[] Pieces =
    [
        "4111 1111 1111 1111", "4111111111111", "4111-1111.1111+1111", "4111_1111_1111_1111", "GB29NWBK60161331926819", "DE89 3704 0044 0532 0130 00", "NO9386011117947", "sk-", "SG.", "hf_", "AKIA", "eyJ", "pass", "pin", "pw=", "pw:", "=", ":", "://", "@",
        "user:x", "bearer ", "Basic ", "YTpiYzEyMw==", "%3D", "\\u003d", "%", "<input ", "name=pin value=1", "<token>x</", "-----BEGIN", "0123456789", "2026-01-01T10:20:30Z", "AbCdEfGhIjKlMnOpQrSt", "deadbeef00", "a", "Z9", " ", "ü", "\u00a0", "K", "ſ", "x1",
    ];

    [Fact]
    public void ValueWithSecret_IsNeverHeldHarmless()
    {
        var random = new Random(20260730);
        var (found, harmless) = (0, 0);
        for (var round = 0; round < 200_000; round++)
        {
            var text = new StringBuilder();
            for (var count = random.Next(1, 6); count > 0; count--)
                text.Append(random.Next(12) == 0 ? SecretKinds.All[random.Next(SecretKinds.All.Length)](random).Text : Pieces[random.Next(Pieces.Length)]);
            var value = text.ToString();
            var isSecret = new SecretScan(value).MoveNext();
            found += isSecret ? 1 : 0;
            harmless += SecretHints.Any<char>(value) ? 0 : 1;
            Assert.True(!isSecret || SecretHints.Any<char>(value) && SecretHints.Any<byte>(Encoding.UTF8.GetBytes(value)), value);
        }
        Assert.True(found > 50_000 && harmless > 10_000, $"Of 200,000 values {found} hold a secret and {harmless} are held harmless: the test tests too little.");
    }

    [Theory]
    [InlineData("Ada Lovelace")]
    [InlineData("shipped")]
    [InlineData("ada@example.com")]
    [InlineData("2026-07-29T10:20:30Z")]
    [InlineData("1234567.50 EUR")]
    public void OrdinaryValue_IsHeldHarmless(string value)
    {
        Assert.False(SecretHints.Any<char>(value));
        Assert.False(SecretHints.Any<byte>(Encoding.UTF8.GetBytes(value)));
    }
}
