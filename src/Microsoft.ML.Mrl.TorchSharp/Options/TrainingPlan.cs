using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Objectives;

namespace Microsoft.ML.Mrl.TorchSharp.Options;

/// <summary>The options of a training with every default filled in from the data.</summary>
internal sealed record TrainingPlan
{
    /// <summary>How many of several trainings are run for all epochs.</summary>
    public const int Finalists = 2;

    /// <summary>Of so many rows or fewer, a tenth is too few to tell a lead from noise.</summary>
    public const int FewRows = 2_500;

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
    public required HeadKind Head { get; init; }

    /// <summary>What is tried, the likeliest first: as much of it as the options leave open.</summary>
    public required IReadOnlyList<TrainingVariant> Variants { get; init; }

    /// <summary>What gives the loss.</summary>
    public required MrlObjective Learned { get; init; }

    /// <summary>The learning rates to try, the likeliest first.</summary>
    public required IReadOnlyList<double> LearningRates { get; init; }

    /// <summary>How strongly the cosines of the input vectors are kept at long prefixes; 0 for not at all.</summary>
    public double Geometry { get; private init; }

    /// <summary>Whether the full vectors shall stay good for other uses.</summary>
    public bool Transfer => (Options as MrlFineTuneOptions)?.Transfer ?? false;

    public bool IsOrthogonal => Head == HeadKind.Orthogonal;

    /// <summary>Whether the full vectors are to keep their cosines, so that the PCA rotation is not centred.</summary>
    public bool KeepsCentre => IsOrthogonal || Options.Objective.IsMeasuredByInputs;

    /// <summary>
    /// Whether the PCA rotation that training starts from, that is compared with, and that is handed back where nothing is better, is not
    /// centred, be it because such a one is better.
    /// </summary>
    public bool PcaKeepsCentre
    {
        get => field || KeepsCentre;
        init;
    }

    /// <summary>What the training starts from.</summary>
    public StartingPoint StartingPoint => Options.StartingPoint ?? (IsOfTransformer ? StartingPoint.Identity : StartingPoint.Pca);

    /// <summary>
    /// Whether a head is trained on an encoder's embeddings first. A static encoder learns in seconds: a limit of time is for its own steps.
    /// </summary>
    public bool StartsFromHead => Encoder is not null && Options.StartingPoint is null && (IsOfTransformer || Options.TrainTime is null);

    /// <summary>How a transformer is trained.</summary>
    public TransformerTrainingOptions Transformer =>
        (Options as MrlFineTuneEncoderOptions)?.Transformer ?? new TransformerTrainingOptions();

    public int BatchSize => Options.BatchSize ?? (IsOfTransformer ? BatchSizeOfTransformer : DefaultBatchSize);

    public int Epochs => Options.Epochs ?? (IsOfTransformer ? EpochsOfTransformer : DefaultEpochs);

    /// <summary>The highest learning rate of what learns.</summary>
    public double LearningRate => RateOf(Options);

    /// <summary>The highest learning rate of a head, a table, or what the loss itself learns.</summary>
    public double RateOfLoss => Options.LearningRate ?? DefaultLearningRate;

    /// <summary>The epochs that each of several trainings has before the best are chosen.</summary>
    public int TrialEpochs(int trainings) => Math.Max(1, (int)Math.Round(Epochs / (double)trainings));

    /// <summary>The same plan for one of <see cref="Variants"/>.</summary>
    public TrainingPlan Of(TrainingVariant variant) =>
        this with
        {
            Head = variant.Head, Learned = variant.Objective, LearningRates = variant.LearningRates, Geometry = variant.Geometry,
        };

    /// <summary>How far from the start, as a share of what was learned, candidates may lie.</summary>
    public IReadOnlyList<double> Blends => Options.Gate == HarmGate.Off ? [1] : IsOfTransformer ? [1, 0.5] : [1, 0.75, 0.5, 0.25];

    private static double RateOf(MrlTrainingOptions options) =>
        options is MrlFineTuneEncoderOptions { Encoder: TransformerTextEncoder } encoder
        ? (encoder.Transformer ?? new TransformerTrainingOptions()).LearningRate
        : options.LearningRate ?? DefaultLearningRate;

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
        TrainingVariant[] variants = VariantsOf(options, inputWidth);
        bool isOrthogonal = variants[0].Head == HeadKind.Orthogonal;
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
            Head = variants[0].Head,
            Learned = variants[0].Objective,
            LearningRates = variants[0].LearningRates,
            Variants = variants,
            Narrowed = options.OutputDimensions is null && options.Dimensions is null && outputs < inputWidth,
        };
    }

    private static TrainingVariant[] VariantsOf(MrlTrainingOptions options, int inputWidth)
    {
        MrlObjective objective = options.Objective;
        if (options is not MrlFineTuneOptions head)
        {
            return [new(HeadKind.Linear, objective, [RateOf(options)])];
        }
        int outputs = options.OutputDimensions ?? options.Dimensions?.Largest ?? inputWidth;
        bool mayRotate = outputs == inputWidth && inputWidth <= WidestRotation;
        TrainingVariant[] all =
            [.. objective.Variants.Where(v => head.Head is { } kind ? v.Head == kind : v.Head != HeadKind.Orthogonal || mayRotate)];
        if (all.Length == 0)
        {
            all = [new(head.Head ?? HeadKind.Linear, objective, TrainingVariant.Usual)];
        }
        // A rate is right for a loss: where it is given, so is the loss.
        return options.LearningRate is { } rate
            ? [.. all.Select(v => v.Head).Distinct().Select(kind => new TrainingVariant(kind, objective, [rate]))]
            : all;
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
                $"Cannot train an orthogonal head of {outputs} values: {column} has {inputWidth}, and such a head is as wide as " +
                $"its input. Leave {nameof(OutputDimensions)} out, or choose {nameof(HeadKind)}.{nameof(HeadKind.Linear)}.");
        }
    }
}
