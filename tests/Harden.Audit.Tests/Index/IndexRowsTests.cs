using Harden.Audit.Index;
using Harden.Audit.Tests.Infrastructure;
using Microsoft.Data.Sqlite;

namespace Harden.Audit.Tests.Index;

public sealed class IndexRowsTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("harden-index-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public async Task IndexThatWasKept_IsTheSameAsOneMadeAtOnce()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        using var kept = new IndexWriter(scratch.Path, IndexFile.OpenOrCreate(At("kept"), "x", bodies: false));

        // Each round uses the rows of the one before for something else: found again, ended, refused, still open.
        await RoundAsync(("a", "intent", 0, 40), ("a", "completion", 0, 20));
        await RoundAsync(("a", "completion", 20, 40), ("d", "denial", 0, 30));
        await RoundAsync(("b", "intent", 0, 60), ("d", "denial", 30, 35));
        await RoundAsync(("c", "intent", 0, 60), ("b", "progress", 0, 5), ("z", "completion", 0, 5));

        using var anew = new IndexWriter(scratch.Path, IndexFile.OpenOrCreate(At("anew"), "x", bodies: false));
        anew.CatchUp(static () => { }, default);
        var rows = Rows("anew");
        Assert.Equal(200, rows.Count); // of 40 + 35 + 60 + 60 requests, and 5 of which only the end is there
        Assert.Equal(rows, Rows("kept"));

        async Task RoundAsync(params (string Name, string Stage, int From, int To)[] entries)
        {
            foreach (var (name, stage, from, to) in entries)
            {
                for (var i = from; i < to; i++)
                    await log.AppendAsync(ScratchLog.Draft(log, $"{name}{i}", stage, $"/{name}/{stage}{i}"));
            }
            kept.CatchUp(static () => { }, default);
        }
    }

    private string At(string name) => Path.Combine(directory.FullName, name);

    /// <summary>All that is in an index, once its words are found to be those of its requests.</summary>
    private List<string> Rows(string name)
    {
        using var connection = new SqliteConnection($"Data Source={At(name)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO find(find, rank) VALUES('integrity-check', 1)";
        command.ExecuteNonQuery();
        command.CommandText = "SELECT * FROM request ORDER BY id";
        using var row = command.ExecuteReader();
        List<string> rows = [];
        while (row.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, row.FieldCount).Select(row.GetValue)));
        return rows;
    }
}
