using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.TorchSharp.Options;

/// <summary>The options of a training with every default filled in from the data.</summary>
internal sealed record TrainingPlan
{
    /// <summary>Inputs wider than this get a narrower output unless told otherwise.</summary>
    private const int WideInput = 1024;

    private const int OutputOfWideInput = 256;

    /// <summary>Wider hidden layers are not taken unless asked for.</summary>
    private const int WideHidden = 512;

    /// <summary>Only so wide inputs are decomposed into all of their directions, which a rotation needs.</summary>
    private const int WidestRotation = VectorRowsBuilder.SparseAbove;

    /// <summary>Rates, epochs and batches that are right for heads and tables, and for transformers.</summary>
    private const double DefaultLearningRate = 0.02;
    private const int DefaultEpochs = 40, EpochsOfTransformer = 3;
    private const int DefaultBatchSize = 256, BatchSizeOfTransformer = 64;

    public required MrlTrainingOptions Options { get; init; }

    public required int OutputDimensions { get; init; }

    public required MatryoshkaDimensions Dimensions { get; init; }

    /// <summary>The width H of a residual head's hidden layer.</summary>
    public required int HiddenDimensions { get; init; }

    public required int Seed { get; init; }

    /// <summary>Whether the output was made narrower than the input without being asked to.</summary>
    public required bool Narrowed { get; init; }

    /// <summary>The encoder that learns; null where a head does.</summary>
    public TextEncoder? Encoder => (Options as MrlFineTuneEncoderOptions)?.Encoder;

    /// <summary>What a head may do to the vectors.</summary>
    public HeadKind Head => (Options as MrlFineTuneOptions)?.Head ?? HeadKind.Linear;

    public bool IsOrthogonal => Head == HeadKind.Orthogonal;

    /// <summary>What the training starts from.</summary>
    public StartingPoint StartingPoint => Options.StartingPoint ?? (IsOfTransformer ? StartingPoint.Identity : StartingPoint.Pca);

    /// <summary>How a transformer is trained.</summary>
    public TransformerTrainingOptions Transformer => (Options as MrlFineTuneEncoderOptions)?.Transformer ?? new TransformerTrainingOptions();

    public int BatchSize => Options.BatchSize ?? (IsOfTransformer ? BatchSizeOfTransformer : DefaultBatchSize);

    public int Epochs => Options.Epochs ?? (IsOfTransformer ? EpochsOfTransformer : DefaultEpochs);

    /// <summary>The highest learning rate of what learns.</summary>
    public double LearningRate => IsOfTransformer ? Transformer.LearningRate : RateOfLoss;

    /// <summary>The highest learning rate of a head, a table, or what the loss itself learns.</summary>
    public double RateOfLoss => Options.LearningRate ?? DefaultLearningRate;

    private bool IsOfTransformer => Encoder is TransformerTextEncoder;

    /// <exception cref="ArgumentOutOfRangeException">Options do not fit the width of the input.</exception>
    public static TrainingPlan For(MrlTrainingOptions options, int inputWidth, int seed)
    {
        var head = options as MrlFineTuneOptions;
        string column = head is null ? "the encoder" : $"column '{options.InputColumnName ?? options.OutputColumnName}'";
        if (options.OutputDimensions > inputWidth)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.OutputDimensions,
                $"Cannot train an output of {options.OutputDimensions} values: {column} has {inputWidth}. Choose 1..{inputWidth}.");
        }
        if (options.Dimensions?.Largest > inputWidth)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Dimensions.Largest,
                $"Cannot train dimension {options.Dimensions.Largest}: {column} has {inputWidth} values. Choose 1..{inputWidth}.");
        }
        bool isOrthogonal = head?.Head == HeadKind.Orthogonal;
        if (isOrthogonal)
        {
            CheckRotation(options.OutputDimensions, inputWidth, column);
        }
        int narrowed = inputWidth > WideInput ? OutputOfWideInput : inputWidth;
        int outputs = isOrthogonal ? inputWidth : options.OutputDimensions ?? options.Dimensions?.Largest ?? narrowed;
        return new TrainingPlan
        {
            Options = options,
            OutputDimensions = outputs,
            Dimensions = options.Dimensions ?? MatryoshkaDimensions.HalvedFrom(outputs),
            HiddenDimensions = head?.HiddenDimensions ?? Math.Min(2 * outputs, WideHidden),
            Seed = seed,
            Narrowed = options.OutputDimensions is null && options.Dimensions is null && outputs < inputWidth,
        };
    }

    private static void CheckRotation(int? outputs, int inputWidth, string column)
    {
        if (inputWidth > WidestRotation)
        {
            throw new ArgumentOutOfRangeException("options", inputWidth,
                $"Cannot train an orthogonal head: {column} has {inputWidth} values, and such a head takes at most {WidestRotation}. " +
                $"Choose {nameof(HeadKind)}.{nameof(HeadKind.Linear)}, or narrow the column with PcaRotate first.");
        }
        if (outputs is not null && outputs != inputWidth)
        {
            throw new ArgumentOutOfRangeException("options", outputs,
                $"Cannot train an orthogonal head of {outputs} values: {column} has {inputWidth}, and such a head is as wide as its input. " +
                $"Leave {nameof(OutputDimensions)} out, or choose {nameof(HeadKind)}.{nameof(HeadKind.Linear)}.");
        }
    }
}
