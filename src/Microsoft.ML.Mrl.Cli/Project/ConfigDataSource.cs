using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>A file in a training configuration.</summary>
internal sealed record ConfigDataSource
{
    /// <summary>TabularFile, NumpyFile or ParquetFile.</summary>
    public string Type { get; init; } = "TabularFile";

    public int Version { get; init; } = 1;

    /// <summary>The file; relative to the configuration's folder, or not.</summary>
    public string FilePath { get; init; } = "";

    public string? Delimiter { get; init; }

    public string DecimalMarker { get; init; } = ".";

    public bool HasHeader { get; init; } = true;

    public IReadOnlyList<ColumnProperty> ColumnProperties { get; init; } = [];
}
