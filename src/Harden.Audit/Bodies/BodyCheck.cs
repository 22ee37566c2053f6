using Microsoft.Win32.SafeHandles;

namespace Harden.Audit.Bodies;

/// <summary>Checks that the bodies which a segment's entries name are there and are what was sealed. Without keys a checksum has to do.</summary>
internal sealed class BodyCheck(string directory, SegmentFile segment, BodyKeys? keys, Action<Verdict, string, long, string> find) : IDisposable
{
    private const int Most = 20; // a file that is gone would be told once for each of thousands of entries

    private readonly BodyReader reader = new(directory, keys);
    private SafeFileHandle? file;
    private bool missing;
    private long bad;

    /// <summary>Checks the bodies of an entry.</summary>
    /// <returns>How many it names.</returns>
    public int Check(AuditEntry entry) => Check(entry, BodySide.Request, entry.Body?.Request) + Check(entry, BodySide.Response, entry.Body?.Response);

    private int Check(AuditEntry entry, BodySide side, AuditBody? body)
    {
        if (body is not { Ref.Length: > 0 })
            return 0;
        var opened = Open(entry, side, body);
        if (opened.Fault is BodyFault.None || (opened.Fault is BodyFault.KeyMissing && keys is null))
            return 1;
        if (++bad <= Most)
        {
            find(opened.Fault == BodyFault.KeyMissing ? Verdict.Unverifiable : Verdict.Altered, segment.BodiesName, entry.Seq,
                $"The {(side == BodySide.Request ? "request" : "response")} body of entry {entry.Seq} of boot {segment.Boot} (request {entry.RequestId}) is {Word(opened.Fault)}: {opened.Text}");
        }
        return 1;
    }

    private OpenedBody Open(AuditEntry entry, BodySide side, AuditBody body)
    {
        if (BodyRef.TryParse(body.Ref) is not { } place || place.Segment != segment)
            return new(null, BodyFault.Altered, $"\"{body.Ref}\" is no place beside its segment.");
        if (file is null && !missing)
        {
            try
            {
                file = File.OpenHandle(Path.Combine(directory, segment.BodiesName), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            }
            catch (FileNotFoundException)
            {
                missing = true;
            }
        }
        return file is null ? new(null, BodyFault.Missing, $"{segment.BodiesName} is not there.") : reader.Open(file, place, body.Hmac, side, entry.RequestId);
    }

    private static string Word(BodyFault fault) => fault switch
    {
        BodyFault.Missing => "missing",
        BodyFault.KeyMissing => "sealed with a key that is not at hand",
        _ => "altered",
    };

    public void Dispose()
    {
        if (bad > Most)
            find(Verdict.Altered, segment.BodiesName, 0, $"{bad - Most} more bodies beside {segment.Name} are missing or altered.");
        file?.Dispose();
    }
}
