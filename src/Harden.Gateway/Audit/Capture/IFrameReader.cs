namespace Harden.Gateway.Audit.Capture;

/// <summary>Reads the messages of a protocol inside a body: WebSocket frames, gRPC messages.</summary>
internal interface IFrameReader
{
    /// <summary>The next bytes. Must not throw, whatever they are.</summary>
    void Read(ReadOnlySpan<byte> piece);
}
