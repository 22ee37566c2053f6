namespace Harden.Gateway.Tests.Access;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("/**", "/", true)]
    [InlineData("/**", "/a/b", true)]
    [InlineData("/", "/", true)]
    [InlineData("/", "/a", false)]
    [InlineData("/admin/**", "/admin", true)]
    [InlineData("/admin/**", "/admin/", true)]
    [InlineData("/admin/**", "/Admin/x/y", true)]
    [InlineData("/admin/**", "/administrator", false)]
    [InlineData("/admin", "/admin/", true)]
    [InlineData("/admin", "/admin/x", false)]
    [InlineData("/admin/", "/admin", true)]
    [InlineData("/admin/", "/admin/", true)]
    [InlineData("/admin/", "/admin/x", false)]
    [InlineData("/a/*/", "/a/b", true)]
    [InlineData("/a/*/c", "/a/b/c", true)]
    [InlineData("/a/*/c", "/a/c", false)]
    [InlineData("/a/*/c", "/a/b/d/c", false)]
    [InlineData("/a/*", "/a/", false)]
    [InlineData("/a/*/**", "/a/b", true)]
    public void Pattern_Matches(string pattern, string path, bool expected) =>
        Assert.Equal(expected, PathPattern.TryParse(pattern, out _)!.Matches(path));

    [Theory]
    [InlineData("admin")]
    [InlineData("")]
    [InlineData("/a/**/b")]
    [InlineData("/a*")]
    [InlineData("/a?x")]
    [InlineData("/a%20b")]
    [InlineData("/a//b")]
    public void BadPattern_IsRefusedWithAMend(string pattern)
    {
        Assert.Null(PathPattern.TryParse(pattern, out var mend));
        Assert.NotEmpty(mend);
    }

    [Theory]
    [InlineData("/**", "/a", true)]
    [InlineData("/a/**", "/a/b/**", true)]
    [InlineData("/a/*", "/a/b", true)]
    [InlineData("/a/*", "/a/", false)]
    [InlineData("/a", "/a/", true)]
    [InlineData("/a/", "/a", true)]
    [InlineData("/*", "/", false)]
    [InlineData("/**", "/", true)]
    [InlineData("/a/b", "/a/*", false)]
    [InlineData("/a/*", "/a/**", false)]
    [InlineData("/a/b/**", "/a/**", false)]
    public void Pattern_Covers(string wide, string narrow, bool expected) =>
        Assert.Equal(expected, PathPattern.TryParse(wide, out _)!.Covers(PathPattern.TryParse(narrow, out _)!));
}
