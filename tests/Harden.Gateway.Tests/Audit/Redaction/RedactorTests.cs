using Harden.Gateway.Audit;
using Harden.Gateway.Audit.Redaction;

namespace Harden.Gateway.Tests.Audit.Redaction;

public sealed class RedactorTests
{
    private readonly Redactor redactor = new(new AuditOptions { QueryKeys = ["customer", "pin"] });

    [Theory]
    [InlineData("page=2&customer=17&x=1", "page=2&customer=17&x=*")]
    [InlineData("customer=a&pin=1234", "customer=a&pin=*")]
    [InlineData("customer=Bearer+abcdefgh1", "customer=*")]
    [InlineData("customer=4111+1111+1111+1111", "customer=*")]
    [InlineData("customer=%34111%2d1111%2d1111%2d1111", "customer=*")]
    [InlineData("customer=password%3Dhunter2", "customer=*")]
    [InlineData("customer=postgres%3A%2F%2Fa%3Ab%40h", "customer=*")]
    [InlineData("ghp_abcdefghijkl=1&%70age=1&Canary7Secret9Value", "*=*&*=*&*")]
    [InlineData("alice@example.com&&=x", "*&&=*")]
    public void Query_KeepsAllowedValuesWithoutSecrets(string query, string expected) =>
        Assert.Equal(expected, redactor.Query(query, "/http/query", new()));

    [Theory]
    [InlineData("https://a:p@ss@app/x?customer=1#f", "https://app/x?customer=1")]
    [InlineData("https://app/users/@alice", "https://app/users/@alice")]
    [InlineData("//a:b@app", "//app")]
    [InlineData("https://app/reset/ghp_abcdefghijkl", "https://app/reset/*")]
    public void Address_LosesUserInformationFragmentAndSecrets(string address, string expected) =>
        Assert.Equal(expected, redactor.Address(address, "/http/headers/referer", new()));

    [Theory]
    [InlineData("/a/b", "/a/b")]
    [InlineData("/pay/4111 1111 1111 1111/x", "/pay/*/x")]
    [InlineData("/cb/access_token=abc", "/cb/*")]
    public void Path_LosesSegmentsThatHoldSecrets(string path, string expected) =>
        Assert.Equal(expected, Redactor.Path(path, "/http/path", new()));
}
