using System.Globalization;
using Harden.Audit;

namespace Harden.Cli.Audit.Export;

/// <summary>RFC 4180, safe to open in a spreadsheet.</summary>
internal sealed class CsvFormat(Output output) : IExportFormat
{
    private const string Columns = "time,state,requestId,traceId,tenant,subject,display,client,method,path,query,status,action,reason,rule,requestBytes,responseBytes,totalUs,limit,more";

    public void Begin() => output.Write(Columns + "\r\n");

    public void Write(AuditView view)
    {
        var e = view.Entry;
        output.Write(string.Join(',', new[]
        {
            view.Time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), view.State.ToString(), e.RequestId, e.TraceId, e.Actor?.Tenant, e.Actor?.Subject, e.Actor?.Display, e.Source?.Client,
            e.Http?.Method, e.Http?.Path, e.Http?.Query, e.Http?.Status.ToString(CultureInfo.InvariantCulture), e.Decision?.Action, e.Decision?.Reason, e.Decision?.Rule,
            e.Body?.Request?.Bytes.ToString(CultureInfo.InvariantCulture), e.Body?.Response?.Bytes.ToString(CultureInfo.InvariantCulture), e.Timing?.TotalUs.ToString(CultureInfo.InvariantCulture),
            e.Decision?.Limit, e.Decision is { More: > 0 } counted ? counted.More.ToString(CultureInfo.InvariantCulture) : "",
        }.Select(Field)) + "\r\n");
    }

    public void End()
    {
    }

    // A field that begins like a formula would be run by a spreadsheet; an apostrophe makes it text (OWASP, CSV injection).
    internal static string Field(string? value)
    {
        value ??= "";
        if (value.TrimStart(' ') is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '\uff1d' or '\uff0b' or '\uff0d' or '\uff20', ..])
            value = "'" + value;
        return value.AsSpan().IndexOfAny(",\"\r\n'") < 0 ? value : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
