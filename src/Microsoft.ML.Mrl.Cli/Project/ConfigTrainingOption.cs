namespace Microsoft.ML.Mrl.Cli.Project;

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
