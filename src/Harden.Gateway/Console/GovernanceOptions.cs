using System.ComponentModel.DataAnnotations;

namespace Harden.Gateway.Console;

/// <summary>Section <c>Governance</c>: who answers for the app and when it was last looked at. Shown on the app's card in the console.</summary>
internal sealed class GovernanceOptions
{
    /// <summary>Person or team that answers for the app. Default: none named.</summary>
    [MaxLength(200, ErrorMessage = "must be at most 200 characters.")]
    public string Owner { get; set; } = "";

    /// <summary>Where the app is in its life. Default <c>Prototype</c>.</summary>
    public GovernanceStatus Status { get; set; } = GovernanceStatus.Prototype;

    /// <summary>Days between two reviews, 1 to 3650. Default 90.</summary>
    [Range(1, 3650, ErrorMessage = "must be between 1 and 3650 days.")]
    public int ReviewCadenceDays { get; set; } = 90;

    /// <summary>Date of the last review, such as 2026-01-31. Default: never reviewed.</summary>
    public DateOnly? LastReview { get; set; }

    /// <summary>Kinds of data the app handles, such as <c>Personal</c> or <c>Confidential</c>, in your own organisation's words. Default: none named.</summary>
    public string[] DataClasses { get; set; } = [];
}

/// <summary>Where an app is in its life.</summary>
internal enum GovernanceStatus
{
    /// <summary>Being tried out.</summary>
    Prototype,

    /// <summary>Relied on.</summary>
    InProduction,

    /// <summary>Rebuilt as, or replaced by, a product; to be switched off.</summary>
    Graduated,
}
