using Aspire.Hosting;

namespace Harden.Hosting;

/// <summary>Turns what a person has to mend into the exception whose message Aspire shows.</summary>
internal static class Problem
{
    /// <summary>Runs something that tells problems in a sentence.</summary>
    public static T Tell<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new DistributedApplicationException(e.Message, e);
        }
    }
}
