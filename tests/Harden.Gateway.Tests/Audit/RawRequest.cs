using System.Net.Sockets;
using System.Text;

namespace Harden.Gateway.Tests.Audit;

/// <summary>Bytes as no client library would send them.</summary>
internal static class RawRequest
{
    /// <summary>Sends the bytes (a character each) and reads until the server closes.</summary>
    public static async Task<string> SendAsync(Uri address, string request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, limit.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), limit.Token);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, limit.Token);
        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
