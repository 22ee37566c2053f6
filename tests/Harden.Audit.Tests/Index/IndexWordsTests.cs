using System.Text;
using System.Text.Json;
using Harden.Audit.Index;

namespace Harden.Audit.Tests.Index;

public sealed class IndexWordsTests
{
    [Theory]
    [InlineData("/orders/7/orders", "", "", "orders 7 _mget")]
    [InlineData("/a/aa/b/aab/a", "", "", "a aa b aab _mget")]
    [InlineData("/ab/b/a", "b=ab", "", "ab b a _mget")] // parts of a word that stands already are words of their own
    [InlineData("/Grüße/GRÜSSE/grüße", "", "Zoë ÅNGSTRÖM", "grüße grüsse zoë ångström _mget")]
    [InlineData("/", "", "", "_mget")]
    [InlineData("/_mget/_s200", "", "", "mget s200 _mget")]
    public void Words_AreWrittenOnce_InTheOrderTheyCome(string path, string query, string display, string expected)
    {
        var words = new IndexWords();
        words.Add(Line(path, query, display));
        Assert.Equal(expected, Encoding.UTF8.GetString(words.Written));
    }

    [Fact]
    public void WordsOfALaterLine_ComeBehindThoseThatWereWrittenBefore()
    {
        var words = new IndexWords();
        words.AddAgain("orders 7 _mget"u8);
        words.Add(Line("/orders/8", "", ""));
        Assert.Equal("orders 7 _mget 8", Encoding.UTF8.GetString(words.Written));

        words.Clear();
        words.Add(Line("/b", "", ""));
        Assert.Equal("b _mget", Encoding.UTF8.GetString(words.Written));
    }

    [Fact]
    public void WordsOfABody_AreWrittenOnce_AndNoMoreThanSaid()
    {
        var words = new IndexWords();
        words.Add(Line("/orders", "", ""));
        words.AddBody("Orders: one, two, ONE, three, four", most: 5);
        Assert.Equal("orders _mget one two three", Encoding.UTF8.GetString(words.Written));
    }

    [Fact]
    public void RandomTexts_HaveTheWordsThatAreSearchedFor()
    {
        var random = new Random(20261128);
        var words = new IndexWords();
        for (var round = 0; round < 2000; round++)
        {
            var path = string.Concat(Enumerable.Range(0, random.Next(80)).Select(_ => "aAbB1é_/ -."[random.Next(11)]));
            words.Clear();
            words.Add(Line(path, "", ""));
            Assert.Equal([.. SearchWords.Of(path).Distinct(), "_mget"], Encoding.UTF8.GetString(words.Written).Split(' '));
        }
    }

    [Fact]
    public void LinesThatFollowOneAnother_ShareNothing()
    {
        var line = new IndexedLine();
        Assert.True(line.TryRead("""{"seq":5,"stage":"denial","requestId":"a","http":{"method":"GET","path":"/é\n\u00e9","status":404},"body":{"request":{"ref":"x"}},"actor":null}"""u8));
        Assert.Equal("/é\né", line.Path.ToString());
        Assert.Equal((5, 404, true, "denial"), (line.Seq, line.Status, line.HasBody, line.Stage.ToString()));

        Assert.True(line.TryRead("""{"notice":{},"requestId":null}"""u8));
        Assert.Equal((0, 0, false, true), (line.Seq, line.Status, line.HasBody, line.IsNotice));
        Assert.True(line.Path.IsEmpty && line.Stage.IsEmpty && line.RequestId.IsEmpty);

        Assert.False(line.TryRead("""{"requestId":"\ud800"}"""u8));
        Assert.False(line.TryRead("""{"requestId":7}"""u8));
        Assert.False(line.TryRead("[]"u8));
        Assert.True(line.TryRead(JsonSerializer.SerializeToUtf8Bytes(new { http = new { path = new string('x', 20_000) } })));
        Assert.Equal(20_000, line.Path.Length);
    }

    private static IndexedLine Line(string path, string query, string display)
    {
        var line = new IndexedLine();
        Assert.True(line.TryRead(JsonSerializer.SerializeToUtf8Bytes(new { actor = new { display }, http = new { method = "GET", path, query } })));
        return line;
    }
}
