using Harden.Cli.Run;

namespace Harden.Cli.Tests.Run;

public sealed class BannerTests
{
    [Theory]
    [InlineData(true, "shop is up, behind sign-in.", false)]
    [InlineData(false, "shop is behind sign-in, but not up yet.", true)]
    public void Headline_SaysUpOnlyOfAnAppThatAnswers(bool settled, string headline, bool note)
    {
        var folder = Directory.CreateTempSubdirectory("harden-test-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "harden.json"), "{}");
            var (request, settings) = (new RunRequest(), Settings.Read(folder.FullName));
            var (identity, redis) = (IdentityPlan.Make(request, settings), new RedisPlan(null, "in memory", "", 0, null));
            var prototype = new PrototypePlan("shop", new("http://localhost:3000"), null, "", null, TimeSpan.FromMinutes(1));

            var text = new Banner(new(settings, identity, redis, GatewayPlan.Make(request, settings, identity, redis), prototype)) { IsSettled = settled }.ToString();

            Assert.Contains(headline, text);
            Assert.Equal(note, text.Contains("does anything run at http://localhost:3000?"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
