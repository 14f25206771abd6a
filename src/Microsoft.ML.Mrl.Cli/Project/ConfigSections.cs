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

/// <summary>Where a training ran.</summary>
internal sealed record ConfigEnvironment
{
    public string Type { get; init; } = "LocalCPU";

    public int Version { get; init; } = 1;
}

/// <summary>The options of a training, as they were given; what was left out is left out.</summary>
internal sealed record ConfigTrainingOption
{
    public string Type { get; init; } = "MrlTrainingOption";

    public int Version { get; init; } = 1;

    /// <summary>For the reader; the columns decide.</summary>
    public string? Task { get; init; }

    /// <summary>The text encoder that was fine-tuned: static, or a folder or file, relative to the configuration's folder or not.</summary>
    public string? Encoder { get; init; }

    public IReadOnlyList<int>? Dimensions { get; init; }

    public int? Epochs { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>Seconds.</summary>
    public double? TrainingTime { get; init; }
}

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

/// <summary>One of the systems that were compared.</summary>
internal sealed record ConfigTrial
{
    public string Type { get; init; } = "Trial";

    public int Version { get; init; } = 1;

    public string TrainerName { get; init; } = "";

    public double Score { get; init; }

    public double? RuntimeInSeconds { get; init; }
}
