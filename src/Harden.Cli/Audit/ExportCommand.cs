using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Harden.Audit;

namespace Harden.Cli.Audit;

/// <summary><c>harden audit export</c>: JSON lines or CSV on standard output, written as the log is read.</summary>
internal static class ExportCommand
{
    private const string Columns = "time,state,requestId,traceId,tenant,subject,display,client,method,path,query,status,action,reason,rule,requestBytes,responseBytes,totalUs";

    public static Command Create()
    {
        var format = new Option<string>("--format") { Description = "jsonl or csv.", DefaultValueFactory = static _ => "jsonl" };
        format.AcceptOnlyFromAmong("jsonl", "csv");
        var command = new Command("export", "Writes requests to standard output, newest first.") { format };
        SearchCommand.AddTo(command);
        command.SetAction(parsed =>
        {
            var csv = parsed.GetValue(format) == "csv";
            if (csv)
                Console.Out.Write(Columns + "\r\n");
            foreach (var view in SearchCommand.Find(parsed))
                Console.Out.Write(csv ? Csv(view) + "\r\n" : JsonSerializer.Serialize(view.Entry, AuditJson.Default.AuditEntry) + "\n");
        });
        return command;
    }

    private static string Csv(AuditView view)
    {
        var e = view.Entry;
        return string.Join(',', new[]
        {
            view.Time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), view.State.ToString(), e.RequestId, e.TraceId, e.Actor?.Tenant, e.Actor?.Subject, e.Actor?.Display, e.Source?.Client,
            e.Http?.Method, e.Http?.Path, e.Http?.Query, e.Http?.Status.ToString(CultureInfo.InvariantCulture), e.Decision?.Action, e.Decision?.Reason, e.Decision?.Rule,
            e.Body?.Request?.Bytes.ToString(CultureInfo.InvariantCulture), e.Body?.Response?.Bytes.ToString(CultureInfo.InvariantCulture), e.Timing?.TotalUs.ToString(CultureInfo.InvariantCulture),
        }.Select(Field));
    }

    // A field that begins like a formula would be run by a spreadsheet; an apostrophe makes it text (OWASP, CSV injection).
    internal static string Field(string? value)
    {
        value ??= "";
        if (value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\uff1d' or '\uff0b' or '\uff0d' or '\uff20')
            value = "'" + value;
        return value.AsSpan().IndexOfAny(",\"\r\n'") < 0 ? value : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
