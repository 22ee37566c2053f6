using Aspire.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Harden.Hosting;

/// <summary>Tells the person who started the AppHost what was chosen, and why.</summary>
internal static partial class Announcements
{
    /// <summary>Writes a sentence into the AppHost's log when it starts.</summary>
    public static void Announce(this IDistributedApplicationBuilder builder, string sentence) => builder.OnBeforeStart((started, _) =>
    {
        Log.Chosen(started.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Harden.Hosting"), sentence);
        return Task.CompletedTask;
    });

    private static partial class Log
    {
        [LoggerMessage(9500, LogLevel.Information, "{Choice}")]
        public static partial void Chosen(ILogger logger, string choice);
    }
}
