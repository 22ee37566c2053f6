namespace Harden.Gateway.Tests;

public sealed class ApiKeySecretTests
{
    [Fact]
    public void NewKeys_AreLongDifferentAndWellFormed()
    {
        var keys = Enumerable.Range(0, 100).Select(static _ => ApiKeySecret.Create()).ToArray();

        Assert.Equal(100, keys.Distinct().Count());
        Assert.All(keys, static key => Assert.Matches("^harden_[0-9A-Za-z]{49}$", key));
        Assert.All(keys, static key => Assert.True(ApiKeySecret.IsWellFormed(key)));
    }

    // Written down, so that a change of the checksum would not go unnoticed: keys that were handed out must stay valid.
    [Fact]
    public void Checksum_IsCrc32InBase62() => Assert.True(ApiKeySecret.IsWellFormed("harden_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg1Fg0sR"));

    [Fact]
    public void MistypedKey_IsNotWellFormed()
    {
        var key = ApiKeySecret.Create();
        for (var i = 0; i < key.Length; i++)
        {
            var other = key[i] == 'a' ? 'b' : 'a';
            Assert.False(ApiKeySecret.IsWellFormed(key[..i] + other + key[(i + 1)..]), $"at {i}");
            Assert.False(ApiKeySecret.IsWellFormed(key.Remove(i, 1)), $"without {i}");
        }
        Assert.False(ApiKeySecret.IsWellFormed(key + "a"));
        Assert.False(ApiKeySecret.IsWellFormed(""));
    }

    [Fact]
    public void Hash_IsSha256OfTheWholeKey() =>
        Assert.Equal("sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("harden_x"u8)), ApiKeySecret.HashText("harden_x"));

    [Theory]
    [InlineData("{0}")]
    [InlineData("/files/{0}/x")]
    [InlineData("see harden_config and then {0}")]
    [InlineData("harden_Q7w2RtY9uI3oP5aS")]
    public void Key_IsRecognisedWhereverItStands(string text)
    {
        text = text.Replace("{0}", ApiKeySecret.Create(), StringComparison.Ordinal);

        Assert.NotNull(SecretShape.Of(text));
        Assert.True(ApiKeySecret.StandsIn(text));
    }

    [Theory]
    [InlineData("/docs/harden_configuration.md")]
    [InlineData("harden_your_prototype_before_production")]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000001")]
    public void Words_AreNotTakenForAKey(string text) => Assert.False(ApiKeySecret.StandsIn(text));
}
