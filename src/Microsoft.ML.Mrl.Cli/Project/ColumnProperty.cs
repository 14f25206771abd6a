namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>A column in a training configuration.</summary>
internal sealed record ColumnProperty
{
    public string ColumnName { get; init; } = "";

    /// <summary>Feature, Label, Score, Positive, Negative or Ignore.</summary>
    public string ColumnPurpose { get; init; } = "";

    /// <summary>String, Single or Vector.</summary>
    public string ColumnDataFormat { get; init; } = "";

    public bool IsCategorical { get; init; }

    public string Type { get; init; } = "Column";

    public int Version { get; init; } = 1;
}
