namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Represents a file of rows in a training configuration.</summary>
internal sealed record ConfigDataSource
{
    /// <summary>
    /// Gets the kind of file: TabularFile, SavedTextFile, NumpyFile or ParquetFile, which is that of its extension.
    /// </summary>
    public string Type { get; init; } = "TabularFile";

    public int Version { get; init; } = 1;

    /// <summary>Gets the path of the file, which may be relative to the folder of the configuration.</summary>
    public string FilePath { get; init; } = "";

    public string? Delimiter { get; init; }

    public string DecimalMarker { get; init; } = ".";

    public bool HasHeader { get; init; } = true;

    public IReadOnlyList<ColumnProperty> ColumnProperties { get; init; } = [];
}

/// <summary>Represents a column in a training configuration.</summary>
internal sealed record ColumnProperty
{
    public string ColumnName { get; init; } = "";

    /// <summary>Gets the role: Feature, Label, Score, Positive, Negative or Ignore.</summary>
    public string ColumnPurpose { get; init; } = "";

    /// <summary>Gets the kind of value: String, Single or Vector.</summary>
    public string ColumnDataFormat { get; init; } = "";

    /// <summary>Gets whether the values are names of classes, as those of a label are and no others.</summary>
    public bool? IsCategorical { get; init; }

    public string Type { get; init; } = "Column";

    public int Version { get; init; } = 1;
}

/// <summary>Represents the place where a training ran.</summary>
internal sealed record ConfigEnvironment
{
    public string Type { get; init; } = "LocalCPU";

    public int Version { get; init; } = 1;
}

/// <summary>Represents the options of a training. Options that were not given are missing here as well.</summary>
internal sealed record ConfigTrainingOption
{
    public string Type { get; init; } = "MrlTrainingOption";

    public int Version { get; init; } = 1;

    /// <summary>Gets the task, which is the one that the columns make.</summary>
    public string? Task { get; init; }

    /// <summary>Gets the text encoder: a known name, static, or the path of a folder or file, which may be relative.</summary>
    public string? Encoder { get; init; }

    /// <summary>Gets how the tokens of an ONNX encoder become one vector: Mean, First, Last or Max.</summary>
    public string? Pooling { get; init; }

    /// <summary>Gets the part to train: Head or Encoder.</summary>
    public string? Tune { get; init; }

    /// <summary>Gets a value indicating whether texts become counts of words and letters.</summary>
    public bool? TextFeatures { get; init; }

    public double? LearningRate { get; init; }

    public int? BatchSize { get; init; }

    /// <summary>Gets the kind of head: Linear, Orthogonal or Residual.</summary>
    public string? Head { get; init; }

    public IReadOnlyList<int>? Dimensions { get; init; }

    public int? Epochs { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>Gets the limit of the time for reading and training, in seconds.</summary>
    public double? TrainingTime { get; init; }
}

/// <summary>Represents the result of a training.</summary>
internal sealed record ConfigRunHistory
{
    public string Type { get; init; } = "MrlResult";

    public int Version { get; init; } = 1;

    /// <summary>Gets the metric whose mean over all dimensions is <see cref="ConfigTrial.Score"/>.</summary>
    public string? MetricName { get; init; }

    public IReadOnlyList<ConfigTrial> Trials { get; init; } = [];

    public string? Pipeline { get; init; }

    /// <summary>Gets the fingerprint of the head, which is equal for equal heads.</summary>
    public string? HeadFingerprint { get; init; }

    /// <summary>Gets the fingerprint of the encoder, which is equal for equal encoders.</summary>
    public string? EncoderFingerprint { get; init; }

    public int? RecommendedDimensions { get; init; }
}

/// <summary>Represents one of the compared systems.</summary>
internal sealed record ConfigTrial
{
    public string Type { get; init; } = "Trial";

    public int Version { get; init; } = 1;

    public string TrainerName { get; init; } = "";

    public double Score { get; init; }

    public double? RuntimeInSeconds { get; init; }
}
