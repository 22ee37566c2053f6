using Harden.Gateway.Configuration;

namespace Harden.Gateway.Console;

/// <summary>What annotations can't say of <see cref="ConsoleOptions"/>.</summary>
internal static class ConsoleOptionsValidator
{
    public static void Validate(ConsoleOptions options, Problems problems)
    {
        for (var i = 0; i < options.Listen.Length; i++)
        {
            if (ListenAddress.TryParse(options.Listen[i]) is null)
                problems.Add($"Console:Listen:{i}", "must look like http://localhost:8081 or https://*:8443.");
        }
        for (var i = 0; i < options.Roles.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(options.Roles[i]))
                problems.Add($"Console:Roles:{i}", "must be the value of an app role, such as Harden.Reviewer.");
        }
    }
}
