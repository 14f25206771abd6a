namespace Microsoft.ML.Mrl;

/// <summary>The options of a training with every default filled in from the data.</summary>
internal sealed record TrainingPlan
{
    /// <summary>Inputs wider than this get a narrower output unless told otherwise.</summary>
    private const int WideInput = 1024;

    private const int OutputOfWideInput = 256;

    public required MrlFineTuneOptions Options { get; init; }

    public required int OutputDimensions { get; init; }

    public required MatryoshkaDimensions Dimensions { get; init; }

    public required int Seed { get; init; }

    /// <summary>Whether the output was made narrower than the input without being asked to.</summary>
    public required bool Narrowed { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">Options do not fit the width of the input.</exception>
    public static TrainingPlan For(MrlFineTuneOptions options, int inputWidth, int seed)
    {
        string column = options.InputColumnName ?? options.OutputColumnName;
        if (options.OutputDimensions > inputWidth)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.OutputDimensions,
                $"Cannot train an output of {options.OutputDimensions} values: column '{column}' has {inputWidth}. Choose 1..{inputWidth}.");
        }
        if (options.Dimensions?.Largest > inputWidth)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Dimensions.Largest,
                $"Cannot train dimension {options.Dimensions.Largest}: column '{column}' has {inputWidth} values. Choose 1..{inputWidth}.");
        }
        int narrowed = inputWidth > WideInput ? OutputOfWideInput : inputWidth;
        int outputs = options.OutputDimensions ?? options.Dimensions?.Largest ?? narrowed;
        return new TrainingPlan
        {
            Options = options,
            OutputDimensions = outputs,
            Dimensions = options.Dimensions ?? MatryoshkaDimensions.HalvedFrom(outputs),
            Seed = seed,
            Narrowed = options.OutputDimensions is null && options.Dimensions is null && outputs < inputWidth,
        };
    }
}
