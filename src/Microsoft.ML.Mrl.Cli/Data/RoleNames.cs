namespace Microsoft.ML.Mrl.Cli.Data;

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
