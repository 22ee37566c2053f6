using System.Net;

namespace Harden.Gateway.Tests;

public sealed class NetworkTextTests
{
    [Theory]
    [InlineData("10.0.0.4", "10.0.0.4/32")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3/15", "10.0.0.0/15")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("2001:db8::4", "2001:db8::4/128")]
    [InlineData("2001:db8:1::/32", "2001:db8::/32")]
    [InlineData("::ffff:10.0.0.4", "10.0.0.4/32")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    public void Network_IsReadAsItIsMeant(string text, string expected) => Assert.Equal(IPNetwork.Parse(expected), NetworkText.Parse(text));

    [Theory]
    [InlineData("10/8")] // 0.0.0.0/8 to the framework
    [InlineData("010.0.0.0/8")] // 8.0.0.0/8
    [InlineData("0x0a000000/8")]
    [InlineData("10.0.1")]
    [InlineData("1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.0/")]
    [InlineData("::ffff:0:0/95")]
    [InlineData("localhost")]
    [InlineData("")]
    public void WhatCouldMeanSomethingElse_IsNone(string text) => Assert.Null(NetworkText.Parse(text));

    [Theory]
    [InlineData("https://forms.example.com", true)]
    [InlineData("https://Forms.example.com/", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://xn--bcher-kva.example", true)]
    [InlineData("https://bücher.example", false)] // browsers send it in ASCII
    [InlineData("https://forms.example.com:443", false)] // and without the port that goes without saying
    [InlineData("https://me@forms.example.com", false)]
    [InlineData("https://forms.example.com/a", false)]
    [InlineData("ftp://forms.example.com", false)]
    [InlineData("null", false)]
    [InlineData("*", false)]
    public void Origin_IsOneThatBrowsersSend(string text, bool expected) => Assert.Equal(expected, OriginText.IsOrigin(text));
}
