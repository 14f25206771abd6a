namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Represents the roles of the columns of a file.</summary>
internal sealed record ColumnRoles
{
    public required TaskKind Task { get; init; }

    /// <summary>Gets the text or vector that is embedded.</summary>
    public required Field Input { get; init; }

    public Field? Positive { get; init; }

    public Field? Negative { get; init; }

    /// <summary>Gets the position of the label.</summary>
    public int? Label { get; init; }

    /// <summary>Gets the position of the score.</summary>
    public int? Score { get; init; }

    /// <summary>Gets the name of the label's or the score's column.</summary>
    public string? TargetName { get; init; }

    /// <summary>Gets what was guessed, in words, or <see langword="null"/> where nothing was.</summary>
    public string? Guesses { get; init; }

    /// <summary>Gets the names of the columns that have no role and could have one: neither ignored nor numbering the rows.</summary>
    public IReadOnlyList<string> Unused { get; init; } = [];

    /// <summary>Gets the same columns as options name them, to find them in another file.</summary>
    public RoleNames Names => new()
    {
        Text = Input.IsText ? Input.Names[0] : null,
        Vector = Input.IsText ? null : Input.Option,
        Positive = Positive?.Option,
        Negative = Negative?.Option,
        Label = Label is null ? null : TargetName,
        Score = Score is null ? null : TargetName,
    };
}

/// <summary>
/// Represents the columns that the user named, each by name or by position from 0. A role that was not named is <see langword="null"/>.
/// </summary>
internal sealed record RoleNames
{
    public string? Text { get; init; }

    /// <summary>
    /// Gets one column of vectors, a list of number columns, or the first and the last number column with two dots between.
    /// </summary>
    public string? Vector { get; init; }

    public string? Positive { get; init; }

    public string? Negative { get; init; }

    public string? Score { get; init; }

    public string? Label { get; init; }

    /// <summary>Gets the columns that are not looked at, as an option lists them.</summary>
    public string? Ignored { get; init; }

    /// <summary>Gets the names of further columns that are not looked at, whether or not the file has them.</summary>
    public IReadOnlyList<string>? IgnoredNames { get; init; }
}
