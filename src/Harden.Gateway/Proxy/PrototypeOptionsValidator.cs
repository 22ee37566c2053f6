using Harden.Gateway.Configuration;

namespace Harden.Gateway.Proxy;

/// <summary>What annotations can't say of <see cref="PrototypeOptions"/>.</summary>
internal static class PrototypeOptionsValidator
{
    public static void Validate(PrototypeOptions options, Problems problems)
    {
        const string key = "Prototype:Address";
        if (options.Address is not { } address)
        {
            if (options.Command.Length == 0) // the host that runs the command sets the address
                problems.Add(key, "is missing, so there is nothing to forward to. Set it to where the app listens, such as http://localhost:3000.");
        }
        else if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
        {
            problems.Add(key, "must be an absolute http:// or https:// address such as http://localhost:3000.");
        }
        else if (address.Query.Length > 0 || address.Fragment.Length > 0 || address.UserInfo.Length > 0)
        {
            problems.Add(key, "must be scheme, host, port and at most a path: take query, fragment and user name away.");
        }
    }
}
