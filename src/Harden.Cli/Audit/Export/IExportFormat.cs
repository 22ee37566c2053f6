using Harden.Audit;

namespace Harden.Cli.Audit.Export;

/// <summary>Requests as another program reads them, one after the other.</summary>
internal interface IExportFormat
{
    /// <summary>What stands before the first.</summary>
    void Begin();

    /// <summary>A request.</summary>
    void Write(AuditView view);

    /// <summary>What stands after the last.</summary>
    void End();
}
