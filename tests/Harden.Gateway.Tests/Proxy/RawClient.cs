using System.Net.Sockets;
using System.Text;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>A client written by hand on a TCP socket.</summary>
internal sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TcpClient client;

    private RawClient(TcpClient client) => this.client = client;

    public static async Task<RawClient> ConnectAsync(Uri address)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(address.Host, address.Port);
        return new(client);
    }

    /// <summary>Sends bytes and returns all that come back until the server closes.</summary>
    public static async Task<string> ExchangeAsync(Uri address, string request)
    {
        using var raw = await ConnectAsync(address);
        await raw.SendAsync(request);
        return await raw.ReadToEndAsync();
    }

    public Task SendAsync(string bytes) => client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(bytes)).AsTask();

    /// <summary>Reads until the text has been seen; returns everything up to and with it.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        using var limit = new CancellationTokenSource(Patience);
        var got = new StringBuilder();
        var one = new byte[1];
        while (!got.ToString().EndsWith(text, StringComparison.Ordinal))
        {
            if (await client.GetStream().ReadAsync(one, limit.Token) == 0)
                throw new EndOfStreamException($"The connection ended before \"{text}\". It brought: {got}");
            got.Append((char)one[0]);
        }
        return got.ToString();
    }

    /// <summary>Reads until the server closes. Throws <see cref="IOException"/> if it resets instead.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        using var got = new MemoryStream();
        await client.GetStream().CopyToAsync(got, limit.Token);
        return Encoding.Latin1.GetString(got.ToArray());
    }

    /// <summary>Ends the connection with RST.</summary>
    public void Reset() => client.Client.Close(0);

    public void Dispose() => client.Dispose();
}
