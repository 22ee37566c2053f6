namespace Harden.Audit.Bodies;

/// <summary>Which body of an exchange.</summary>
internal enum BodySide : byte
{
    /// <summary>What the client sent.</summary>
    Request = 1,

    /// <summary>What it was answered.</summary>
    Response = 2,
}
