using System.Buffers;
using System.Globalization;
using System.Text;
using Harden.Gateway.Audit.Redaction;

namespace Harden.Benchmarks;

/// <summary>CPU time and memory of redacting one body, in this process: the median of several runs.</summary>
internal static class RedactionRun
{
    public static int Run(Arguments arguments)
    {
        var redactor = new BodyRedactor((Pseudonyms?)null);
        var file = Path.GetTempFileName();
        File.Delete(file);
        var keyed = new BodyRedactor(Pseudonyms.Open(file));
        File.Delete(file);
        BodyRules nothing = new(), everything = new(new BodyOptions { JsonPointers = ["/**"] }), some = new(new BodyOptions { JsonPointers = ["/items/*/id", "/items/*/status", "/page"] });
        var json = Json(4096);
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("The order was shipped on Monday; please design the next label. ", 80)))[..4096];
        var form = Encoding.UTF8.GetBytes(string.Join('&', Enumerable.Range(0, 250).Select(static i => $"field{i % 10}=some+value+number+{i}")))[..4096];
        Console.WriteLine("| body | kept | CPU ns | allocated |\n| --- | --- | ---: | ---: |");
        var rounds = arguments.Number("rounds", 3_000);
        Measure("JSON, 4 KiB", "nothing", redactor, json, "application/json", nothing, rounds);
        Measure("JSON, 4 KiB", "three pointers", redactor, json, "application/json", some, rounds);
        Measure("JSON, 4 KiB", "everything", redactor, json, "application/json", everything, rounds);
        Measure("JSON, 4 KiB", "nothing, pseudonyms", keyed, json, "application/json", nothing, rounds);
        Measure("form, 4 KiB", "nothing", redactor, form, "application/x-www-form-urlencoded", nothing, rounds);
        Measure("text, 4 KiB", "everything", redactor, text, "text/plain", everything, rounds);
        return 0;
    }

    private static void Measure(string body, string kept, BodyRedactor redactor, byte[] bytes, string type, BodyRules rules, int rounds)
    {
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        var found = new Redactions();
        var times = new List<double>();
        var allocated = 0L;
        for (var run = 0; run < 7; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var since = Environment.CpuUsage.UserTime;
            for (var i = 0; i < rounds; i++)
            {
                output.ResetWrittenCount();
                found.BackTo(0);
                if (redactor.Redact(new(bytes), truncated: true, type, "", rules, "/body/request", found, output) is { } reason)
                    throw new InvalidOperationException($"{body} was not kept: {reason}.");
            }
            times.Add((Environment.CpuUsage.UserTime - since).TotalNanoseconds / rounds);
            allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / rounds;
        }
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {body} | {kept} | {times[times.Count / 2]:0} | {allocated} B |"));
    }

    private static byte[] Json(int size)
    {
        var json = new StringBuilder("{\"page\":1,\"items\":[");
        for (var i = 0; json.Length < size; i++)
            json.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "," : "")}{{\"id\":{1000 + i},\"status\":\"shipped\",\"customerName\":\"Alice Example {i}\",\"email\":\"alice{i}@example.com\",\"amount\":{i}.50,\"paid\":true}}");
        return Encoding.UTF8.GetBytes(json.ToString())[..size];
    }
}
