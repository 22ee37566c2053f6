using System.Security.Cryptography;
using System.Text;

namespace Harden.Audit.Tests;

public sealed class MerkleFrontierTests
{
    [Fact]
    public void Roots_AreThoseOfTheDefinition()
    {
        var tree = new MerkleFrontier();
        Assert.Equal(SHA256.HashData([]), tree.Root());
        List<byte[]> leaves = [];
        for (var i = 0; i < 200; i++)
        {
            leaves.Add(Encoding.ASCII.GetBytes($"entry {i}"));
            tree.Append(leaves[^1]);
            Assert.Equal(Root(leaves), tree.Root());
        }
    }

    // RFC 6962 section 2.1, word for word.
    private static byte[] Root(List<byte[]> leaves)
    {
        if (leaves.Count == 1)
            return MerkleFrontier.LeafHash(leaves[0]);
        var split = 1;
        while (split * 2 < leaves.Count)
            split *= 2;
        return MerkleFrontier.NodeHash(Root(leaves[..split]), Root(leaves[split..]));
    }
}
