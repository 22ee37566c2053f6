using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;

namespace Harden.Gateway;

/// <summary>Tells in a sentence why a listener can't be opened, where the server only throws.</summary>
internal static class ListenProblem
{
    /// <summary>The sentence; null if the exception has another cause.</summary>
    public static string? Of(Exception e) => e switch
    {
        IOException { InnerException: AddressInUseException } => $"{Stop(e.Message)}. Stop what listens there, or choose another address with Edge:Listen or Console:Listen.",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "Edge:Listen or Console:Listen names a port that this account may not open. Ports below 1024 need a privilege; choose a higher one.",
        SocketException => $"An address of Edge:Listen or Console:Listen can't be opened: {Stop(e.Message)}. Is it one of this machine?",
        InvalidOperationException when e.Message.Contains("HTTPS", StringComparison.Ordinal) =>
            "An https:// address needs a certificate: set Kestrel:Certificates:Default:Path, and KeyPath or Password beside it.",
        CryptographicException or FileNotFoundException => $"The certificate of Kestrel:Certificates can't be read: {Stop(e.Message)}.",
        _ => null,
    };

    private static string Stop(string message) => message.Split('\n')[0].TrimEnd('.', '\r', ' ');
}
