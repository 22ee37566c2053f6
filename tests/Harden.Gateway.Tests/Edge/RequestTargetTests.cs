using Harden.Gateway.Edge;

namespace Harden.Gateway.Tests.Edge;

public sealed class RequestTargetTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/a/b?x=%2f../;", "/a/b")]
    [InlineData("/a%20b/c", "/a b/c")]
    [InlineData("/%41dmin", "/Admin")]
    [InlineData("/caf%C3%A9", "/café")]
    [InlineData("/a//b///c", "/a/b/c")]
    [InlineData("/100%25", "/100%")]
    [InlineData("/100%25off", "/100%off")]
    [InlineData("/saved%2520page", "/saved%20page")]
    [InlineData("/file.tar.gz", "/file.tar.gz")]
    [InlineData("/.well-known/x", "/.well-known/x")]
    [InlineData("/a/...b", "/a/...b")]
    [InlineData("/a:b@c,d+e=f&g", "/a:b@c,d+e=f&g")]
    [InlineData("/x|y", "/x|y")]
    [InlineData("/%E2%98%83", "/☃")]
    [InlineData("/odata/$metadata", "/odata/$metadata")]
    public void UnambiguousTarget_IsReadInOneWay(string target, string path)
    {
        Assert.Null(RequestTarget.Read(target, [], out var read));
        Assert.Equal(path, read);
    }

    [Theory]
    [InlineData("admin", "target-form")]
    [InlineData("", "target-form")]
    [InlineData("*", "target-form")]
    [InlineData("?x", "target-form")]
    [InlineData("/public/x HTTP/1.1", "control-character")]
    [InlineData("/public/?x HTTP/1.1", "control-character")]
    [InlineData("/public/?a\tb", "control-character")]
    [InlineData("//admin/x", "leading-slashes")]
    [InlineData("/\\admin", "leading-slashes")]
    [InlineData("/admin%2fx", "encoded-slash")]
    [InlineData("/admin%2Fx", "encoded-slash")]
    [InlineData("/admin;a=b/x", "path-parameters")]
    [InlineData("/admin%3ba=b/x", "path-parameters")]
    [InlineData("/admin%20/x", "trailing-dot")]
    [InlineData("/admin./x", "trailing-dot")]
    [InlineData("/admin%2e/x", "trailing-dot")]
    [InlineData("/admin.", "trailing-dot")]
    [InlineData("/public/..;/admin", "path-parameters")]
    [InlineData("/public/..%2fadmin", "encoded-slash")]
    [InlineData("/public/../admin", "dot-segment")]
    [InlineData("/public/%2e%2e/admin", "dot-segment")]
    [InlineData("/public/.%2E/admin", "dot-segment")]
    [InlineData("/./admin", "dot-segment")]
    [InlineData("/public/..%20/admin", "dot-segment")]
    [InlineData("/%5c..%5cadmin", "encoded-backslash")]
    [InlineData("/a\\b", "ambiguous-character")]
    [InlineData("/a#b", "ambiguous-character")]
    [InlineData("/a%00", "control-character")]
    [InlineData("/a%0d%0aX:y", "control-character")]
    [InlineData("/a%7f", "control-character")]
    [InlineData("/a%", "bad-escape")]
    [InlineData("/a%2", "bad-escape")]
    [InlineData("/a%zz", "bad-escape")]
    [InlineData("/%252e%252e/admin", "double-encoding")]
    [InlineData("/a%252fb", "double-encoding")]
    [InlineData("/a%25252fb", "double-encoding")]
    [InlineData("/%2561dmin/x", "double-encoding")]
    [InlineData("/a%255fb", "double-encoding")]
    [InlineData("/%c0%ae%c0%ae/admin", "bad-encoding")]
    [InlineData("/%ff", "bad-encoding")]
    [InlineData("/a☃", "bad-encoding")]
    [InlineData("/u%C5%BFers", "look-alike")] // long s, s in upper case
    [InlineData("/%E2%84%AAeys", "look-alike")] // Kelvin sign, k in lower case
    [InlineData("/public%EF%BC%8F%EF%BC%8E%EF%BC%8E%EF%BC%8Fadmin", "look-alike")] // full-width slashes and dots
    [InlineData("/public/%E2%80%A5/admin", "look-alike")] // two dot leader
    [InlineData("/secret.txt::$DATA", "alternate-stream")]
    [InlineData("/admin:%24i30:$INDEX_ALLOCATION/x", "alternate-stream")]
    public void AmbiguousTarget_IsRefused(string target, string reason)
    {
        var refusal = RequestTarget.Read(target, [], out var read);

        Assert.Equal(reason, refusal?.Reason);
        Assert.Equal("", read);
    }

    [Fact]
    public void AllowedAmbiguity_StillRefusesDotSegmentsBehindIt()
    {
        AmbiguousPath[] all = [AmbiguousPath.EncodedSlash, AmbiguousPath.PathParameters, AmbiguousPath.TrailingDots, AmbiguousPath.LookAlikes];

        Assert.Null(RequestTarget.Read("/scope%2fname;v=1/file.", all, out var path));
        Assert.Equal("/scope/name;v=1/file.", path);
        Assert.Null(RequestTarget.Read("/wiki/Fate%EF%BC%8FZero", all, out path));
        Assert.Equal("/wiki/Fate／Zero", path);
        Assert.Equal("dot-segment", RequestTarget.Read("/public/..%2fadmin", all, out _)?.Reason);
        Assert.Equal("dot-segment", RequestTarget.Read("/public/..;x=y/admin", all, out _)?.Reason);
    }

    [Fact]
    public void RandomBytes_AreRefusedOrReadWithoutDotSegments()
    {
        var random = new Random(7);
        const string alphabet = "/.%;\\2e5cfF0aZ :@é";
        for (var round = 0; round < 50_000; round++)
        {
            var target = "/" + string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            if (RequestTarget.Read(target, [], out var path) is null)
            {
                Assert.StartsWith("/", path, StringComparison.Ordinal);
                Assert.DoesNotContain("//", path, StringComparison.Ordinal);
                Assert.DoesNotContain(path.Split('/'), static s => s is "." or "..");
                Assert.DoesNotContain('\\', path);
            }
        }
    }
}
