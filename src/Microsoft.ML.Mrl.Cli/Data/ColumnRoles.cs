namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>What the columns of a file are for.</summary>
internal sealed record ColumnRoles
{
    public required TaskKind Task { get; init; }

    /// <summary>What is embedded.</summary>
    public required Field Input { get; init; }

    public Field? Positive { get; init; }

    public Field? Negative { get; init; }

    /// <summary>The position of the label.</summary>
    public int? Label { get; init; }

    /// <summary>The position of the score.</summary>
    public int? Score { get; init; }

    /// <summary>The label's or the score's name.</summary>
    public string? TargetName { get; init; }

    /// <summary>What was guessed, as text; <see langword="null"/> for nothing.</summary>
    public string? Guesses { get; init; }

    /// <summary>The same columns as options, to find them in another file.</summary>
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

/// <summary>The columns that the user named, each by name or by position from 0; <see langword="null"/> for those left out.</summary>
internal sealed record RoleNames
{
    public string? Text { get; init; }

    /// <summary>One column of vectors, a list of number columns, or the first and the last with two dots between.</summary>
    public string? Vector { get; init; }

    public string? Positive { get; init; }

    public string? Negative { get; init; }

    public string? Score { get; init; }

    public string? Label { get; init; }

    /// <summary>Columns that are not looked at.</summary>
    public string? Ignored { get; init; }
}
