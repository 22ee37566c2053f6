using System.Net;

namespace Harden.Gateway.Access;

/// <summary>What rules look at.</summary>
/// <param name="Path">The normalised path.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Client">The client's address.</param>
/// <param name="Subject">Who asks; null for nobody known.</param>
/// <param name="Now">When, for <see cref="AccessRuleOptions.MaxAge"/>.</param>
internal readonly record struct AccessRequest(string Path, string Method, IPAddress Client, Subject? Subject, DateTimeOffset Now);
