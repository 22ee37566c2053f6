using System.Text;

namespace Harden.Gateway.Tests.Audit.Redaction;

/// <summary>Makes secrets of every kind that is recognised by itself, each with a random core of which nothing may remain.</summary>
internal static class SecretKinds
{
    private const string AlphaNumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static readonly Func<Random, (string Text, string Core)>[] All =
    [
        static r => Around("-----BEGIN RSA PRIVATE KEY-----\n", Core(r, 60), "\n-----END RSA PRIVATE KEY-----"),
        static r => Around("-----BEGIN PRIVATE KEY-----\\n", Core(r, 30), "\\n-----END PRIVATE KEY-----"),
        static r => Around("eyJhbGciOiJIUzI1NiJ9.eyJ", Core(r, 24), ".c2ln"),
        static r => Around("Bearer ", Core(r, 20), ""),
        static r => Around("authorization: token ", Core(r, 10), "\n"),
        static r => Basic(Core(r, 12)),
        static r => Around("AKIA", Core(r, 16).ToUpperInvariant(), ""),
        static r => Around("AIza", Core(r, 35), ""),
        static r => Around("ghp_", Core(r, 36), ""),
        static r => Around("github_pat_", Core(r, 22), ""),
        static r => Around("glpat-", Core(r, 20), ""),
        static r => Around("xoxb-", Core(r, 24), ""),
        static r => Around("sk_live_", Core(r, 24), ""),
        static r => Around("sk-ant-api03-9", Core(r, 24), ""),
        static r => Around("npm_", Core(r, 36), ""),
        static r => Around("harden_", Core(r, 32), ""),
        static r => Around("https://x.blob.core.windows.net/c?sv=1&sig=", Core(r, 20), "%3D"),
        static r => Around("Server=db;Password=", Core(r, 8) + " " + Core(r, 8), ";Encrypt=true"),
        static r => Around("postgres://app:", Core(r, 12), "@db/x"),
        static r => Around("password=", Core(r, 7), "\n"),
        static r => Around("{\\\"client_secret\\\": \\\"", Core(r, 9), "\\\"}"),
        static r => Around("<Password>", Core(r, 9), "</Password>"),
        Card,
    ];

    public static string Core(Random random, int length)
    {
        var core = new StringBuilder(length);
        while (core.Length < length)
            core.Append(AlphaNumeric[random.Next(AlphaNumeric.Length)]);
        core[random.Next(length)] = (char)('0' + random.Next(10)); // as every random key of this length has
        return core.ToString();
    }

    private static (string Text, string Core) Around(string before, string core, string after) => (before + core + after, core);

    private static (string Text, string Core) Basic(string core)
    {
        var encoded = Convert.ToBase64String(Encoding.ASCII.GetBytes("a:" + core));
        return ("Basic " + encoded, encoded.TrimEnd('='));
    }

    private static (string Text, string Core) Card(Random random)
    {
        var digits = new int[16];
        digits[0] = random.Next(2) == 0 ? 4 : 5;
        for (var i = 1; i < 15; i++)
            digits[i] = random.Next(10);
        var sum = 0;
        for (var i = 0; i < 15; i++)
            sum += i % 2 == 0 ? (digits[i] * 2) - (digits[i] > 4 ? 9 : 0) : digits[i];
        digits[15] = (10 - (sum % 10)) % 10;
        var text = string.Concat(digits);
        var separator = new[] { "", " ", "-" }[random.Next(3)];
        var written = string.Join(separator, text.Chunk(4).Select(static c => new string(c)));
        return (written, written);
    }
}
