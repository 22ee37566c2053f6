namespace Harden.Gateway.Audit.Redaction;

/// <summary>
/// Which values of bodies are kept. Structure and plain names always are; every other value is replaced before anything is written, and so is, wherever
/// it stands, what looks like a secret or stands under a name such as <c>password</c>.
/// </summary>
internal sealed class BodyOptions
{
    /// <summary>
    /// JSON pointers (RFC 6901) to values that are kept, such as <c>/order/id</c>. A segment <c>*</c> stands for any name or index; <c>**</c> at the end for everything below.
    /// <c>/**</c> keeps the values of every format. Default: none; at most 63. They apply to each line of NDJSON and to each event of a stream alike.
    /// </summary>
    public string[] JsonPointers { get; set; } = [];

    /// <summary>Fields of submitted forms whose values are kept, spelled as sent, such as <c>address[city]</c>. A <c>*</c> at the end stands for any ending. Default: none.</summary>
    public string[] FormFields { get; set; } = [];

    /// <summary>Parts of multipart forms that are kept, by name, with their file names. A <c>*</c> at the end stands for any ending. Of binary parts only the size is. Default: none.</summary>
    public string[] MultipartParts { get; set; } = [];

    /// <summary>Keep text (HTML, XML, CSV, plain), without what looks like a secret. Default false: there is no structure by which to tell what may be kept.</summary>
    public bool Text { get; set; }
}
