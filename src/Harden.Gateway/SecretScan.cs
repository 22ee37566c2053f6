namespace Harden.Gateway;

/// <summary>Where a secret stands in a text, and the rule that recognises it.</summary>
internal readonly record struct SecretFound(int Start, int End, string Rule);

/// <summary>
/// Walks through the secrets in a text from its beginning to its end. Each detector goes through the text once and by itself; what they find is
/// merged, so that of two that overlap nothing remains.
/// </summary>
internal ref struct SecretScan
{
    private readonly ReadOnlySpan<char> text;
    private Detected anchored;
    private Detected digits;
    private Detected runs;
    private Detected encoded;

    /// <param name="text">The text.</param>
    /// <param name="isDecoded">Whether encoded forms were resolved already; they are, once.</param>
    public SecretScan(ReadOnlySpan<char> text, bool isDecoded = false)
    {
        this.text = text;
        Next(ref anchored, SecretAnchors.Find(text, 0));
        Next(ref digits, SecretDigits.Find(text, 0));
        Next(ref runs, SecretRuns.Find(text, 0, isDecoded));
        Next(ref encoded, isDecoded ? null : SecretEncoded.Find(text, 0));
        IsDecoded = isDecoded;
    }

    public SecretFound Current { get; private set; }

    private bool IsDecoded { get; }

    public readonly SecretScan GetEnumerator() => this;

    public bool MoveNext()
    {
        var start = Math.Min(Math.Min(anchored.Start, digits.Start), Math.Min(runs.Start, encoded.Start));
        if (start == int.MaxValue)
            return false;
        var rule = anchored.Start == start ? anchored.Rule : digits.Start == start ? digits.Rule : runs.Start == start ? runs.Rule : encoded.Rule;
        var end = start;
        bool grew;
        do
        {
            grew = false;
            while (anchored.Start <= end)
            {
                (end, grew) = (Math.Max(end, anchored.End), true);
                Next(ref anchored, SecretAnchors.Find(text, Math.Max(anchored.End, anchored.Start + 1)));
            }
            while (digits.Start <= end)
            {
                (end, grew) = (Math.Max(end, digits.End), true);
                Next(ref digits, SecretDigits.Find(text, digits.End));
            }
            while (runs.Start <= end)
            {
                (end, grew) = (Math.Max(end, runs.End), true);
                Next(ref runs, SecretRuns.Find(text, runs.End, IsDecoded));
            }
            while (encoded.Start <= end)
            {
                (end, grew) = (Math.Max(end, encoded.End), true);
                Next(ref encoded, SecretEncoded.Find(text, encoded.End));
            }
        }
        while (grew);
        Current = new(start, end, rule!);
        return true;
    }

    private static void Next(ref Detected detected, SecretFound? found) =>
        detected = found is { } f ? new() { Start = f.Start, End = f.End, Rule = f.Rule } : new() { Start = int.MaxValue };

    private struct Detected
    {
        public int Start;
        public int End;
        public string? Rule;
    }
}
