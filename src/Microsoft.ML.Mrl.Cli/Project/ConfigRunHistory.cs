namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>What came of a training.</summary>
internal sealed record ConfigRunHistory
{
    public string Type { get; init; } = "MrlResult";

    public int Version { get; init; } = 1;

    /// <summary>The metric that <see cref="ConfigTrial.Score"/> is the mean of, over all dimensions.</summary>
    public string? MetricName { get; init; }

    public IReadOnlyList<ConfigTrial> Trials { get; init; } = [];

    public string? Pipeline { get; init; }

    /// <summary>Equal for equal heads.</summary>
    public string? HeadFingerprint { get; init; }

    /// <summary>Equal for equal encoders.</summary>
    public string? EncoderFingerprint { get; init; }

    public int? RecommendedDimensions { get; init; }
}
