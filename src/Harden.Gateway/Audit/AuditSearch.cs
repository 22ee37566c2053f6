using Harden.Audit;
using Harden.Audit.Bodies;
using Harden.Audit.Index;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Audit;

/// <summary>Keeps the index of the record while the gateway runs, and answers from it.</summary>
internal sealed partial class AuditSearch : IHostedService, IDisposable
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(8); // of a search without an index

    private readonly AuditIndex? index;

    public AuditSearch(StateDirectory state, AuditTrail trail, AuditReader reader, BodyReader bodies, Live<AuditOptions> live, TimeProvider time, ILogger<AuditSearch> log)
    {
        var scan = new ScannedRecords(reader, time, Budget);
        if (!live.Current.Index.Enabled)
        {
            Records = scan;
            return;
        }
        var options = new AuditIndexOptions
        {
            Log = state.Of("audit"),
            File = IndexFile.PathOf(state.Of(IndexFile.DirectoryName)),
            Durable = () => trail.Durable,
            Bodies = live.Current.Index.Bodies ? new BodyText(bodies).Of : null,
            Noticed = sentence => Log.Noticed(log, sentence),
        };
        index = AuditIndex.Start(options);
        Records = new IndexedRecords(new(options.Log, options.File, () => trail.BootId), index, scan);
    }

    /// <summary>The record as it is searched.</summary>
    public IAuditRecords Records { get; }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => index?.Dispose();

    private static partial class Log
    {
        [LoggerMessage(5020, LogLevel.Warning, "Audit index: {Sentence}")]
        public static partial void Noticed(ILogger log, string sentence);
    }
}
