using System.Text;
using Npgsql;

namespace Harden.Audit.Postgres;

/// <summary>A query as conditions in SQL: keeps all that match, and perhaps more; values are always parameters.</summary>
internal sealed class PostgresFilter
{
    private readonly StringBuilder sql = new("true");

    public PostgresFilter(AuditQuery query)
    {
        // The database keeps microseconds, the record more.
        And(query.From, "r.time >= {0}", static from => from.UtcDateTime.AddTicks(-Math.Min(10, from.UtcTicks)));
        And(query.To, "r.time < {0}", static to => to.UtcDateTime.AddTicks(Math.Min(10, DateTime.MaxValue.Ticks - to.UtcTicks)));
        And(query.Status, "r.status = {0}", static status => status);
        And(query.StatusClass, "r.status / 100 = {0}", static digit => digit);
        And(query.Method, "r.method = {0}");
        And(query.Action, "r.action = {0}");
        And(query.Reason, "r.reason = {0}");
        And(query.Rule, "r.rule = {0}");
        And(query.Limit, "r.lim = {0}");
        And(query.Client, "r.client = {0}");
        And(query.Id, "(r.request_id = {0} or r.trace_id = {0})");
        if (query.Path.Length > 0)
            Add("r.path like {0}", Like(query.Path));
        if (query.User.Length > 0)
            User(query.User);
        if (query.Text.Length > 0)
            Text(query.Text);
        State(query.State);
        if (query.HideOwn)
            sql.Append(" and not (r.action in ('answer', 'signin') and r.reason in ('console', 'health'))");
    }

    /// <summary>The conditions.</summary>
    public string Sql => sql.ToString();

    /// <summary>Their values, in order.</summary>
    public List<object> Values { get; } = [];

    /// <summary>Adds a condition.</summary>
    /// <param name="condition">SQL in which {0}, {1}, … stand for the values.</param>
    /// <param name="values">The values.</param>
    public void Add(string condition, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Values.Add(values[i]);
            condition = condition.Replace($"{{{i}}}", $"${Values.Count}", StringComparison.Ordinal);
        }
        sql.Append(" and ").Append(condition);
    }

    /// <summary>A command with the values.</summary>
    public NpgsqlCommand Command(NpgsqlConnection connection, string text)
    {
        var command = new NpgsqlCommand(text, connection);
        foreach (var value in Values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    private void And<T>(T? value, string condition, Func<T, object> convert)
        where T : struct
    {
        if (value is { } known)
            Add(condition, convert(known));
    }

    private void And(string value, string condition)
    {
        if (value.Length > 0)
            Add(condition, Plain(value));
    }

    private void User(string user)
    {
        var words = TsQuery(user);
        if (words.Length > 0)
            Add("(r.subject = {0} or r.user_words @@ {1}::tsquery)", Plain(user), words);
        // Else nothing but the last word of AuditQuery narrows: a question without words, such as "-", names everybody who is known.
    }

    private void Text(string text)
    {
        if (SearchWords.Of(text) is [])
            return;
        if (text.Length == 32)
            Add("(r.words @@ {0}::tsquery or r.request_id = {1} or r.trace_id = {1})", TsQuery(text), Plain(text));
        else
            Add("r.words @@ {0}::tsquery", TsQuery(text));
    }

    private void State(QueryState? state)
    {
        const string alive = "exists (select 1 from harden.log l where l.log_id = r.log_id and l.live_boot_id = r.boot_id and l.seen > now() - interval '2 minutes')";
        sql.Append(state switch
        {
            QueryState.Denied => " and r.denied",
            QueryState.Completed => " and r.done and not r.denied",
            QueryState.Open => $" and not r.done and {alive}",
            QueryState.Interrupted => $" and not r.done and not {alive}",
            _ => "",
        });
    }

    // Words are letters and digits, so nothing in them needs quoting beyond the quotes.
    private static string TsQuery(string text) => string.Join(" & ", SearchWords.Of(text).Select(static word => $"'{word}':*"));

    private static string Like(string path)
    {
        var pattern = new StringBuilder();
        foreach (var c in Plain(path))
        {
            if (c == '*')
                pattern.Append('%');
            else if (c is '%' or '_' or '\\')
                pattern.Append('\\').Append(c);
            else
                pattern.Append(c);
        }
        return path.Contains('*', StringComparison.Ordinal) ? pattern.ToString() : pattern.Append('%').ToString();
    }

    private static string Plain(string text) => text.Replace('\0', '\ufffd').ToLowerInvariant();
}
