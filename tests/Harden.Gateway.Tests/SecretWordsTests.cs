using System.Buffers;

namespace Harden.Gateway.Tests;

public sealed class SecretWordsTests
{
    private static readonly string[] Words = ["pass", "password", "sk-", "SG.", "://", "-----BEGIN", "<input", "key", "pw=", "xox", "AKIA", "sid", "token"];

    [Fact]
    public void FirstWord_IsWhereThePlatformFindsIt()
    {
        var (ours, theirs) = (new SecretWords(Words), SearchValues.Create(Words, StringComparison.OrdinalIgnoreCase));
        var random = new Random(20260731);
        const string Letters = "pasPASwordkeytKEYsg.:/-<inputXOxid=_@`{[ \u0130ü";
        for (var round = 0; round < 200_000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(24)).Select(_ => Letters[random.Next(Letters.Length)])]);
            if (random.Next(3) == 0)
                text = text.Insert(random.Next(text.Length + 1), Words[random.Next(Words.Length)]);
            Assert.Equal(text.AsSpan().IndexOfAny(theirs), ours.First<char>(text));
        }
    }
}
