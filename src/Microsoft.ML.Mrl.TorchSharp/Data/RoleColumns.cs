namespace Microsoft.ML.Mrl;

/// <summary>The columns that an objective needs besides the input, by role.</summary>
internal sealed record RoleColumns
{
    public string? Positive { get; init; }

    public string? Negative { get; init; }

    public string? Label { get; init; }

    public string? Score { get; init; }
}
