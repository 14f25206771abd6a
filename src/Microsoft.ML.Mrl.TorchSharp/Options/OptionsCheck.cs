using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.TorchSharp.Options;

/// <summary>Finds everything that is wrong with options, without looking at data.</summary>
internal static class OptionsCheck
{
    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    public static void Throw(MrlFineTuneOptions options)
    {
        ThrowIfNull(options);
        OptionProblems.ThrowIfAny(Problems(options).Concat(HeadProblems(options)), nameof(MrlFineTuneOptions), nameof(options));
    }

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    public static void Throw(MrlFineTuneEncoderOptions options)
    {
        ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.Encoder);
        OptionProblems.ThrowIfAny(Problems(options).Concat(TransformerOptionsCheck.Problems(options)), nameof(MrlFineTuneEncoderOptions),
            nameof(options));
    }

    private static void ThrowIfNull(MrlTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.OutputColumnName);
        ArgumentNullException.ThrowIfNull(options.Objective);
    }

    private static IEnumerable<string> HeadProblems(MrlFineTuneOptions options)
    {
        if (options.Head is { } kind && !Enum.IsDefined(kind))
        {
            yield return $"{nameof(options.Head)} is {kind}; choose one of {string.Join(", ", Enum.GetNames<HeadKind>())}.";
        }
        if (options.HiddenDimensions < 1)
        {
            yield return $"{nameof(options.HiddenDimensions)} is {options.HiddenDimensions}; choose 1 or more.";
        }
        if (options.HiddenDimensions is not null && options.Head != HeadKind.Residual)
        {
            string head = options.Head is null
                ? "a kind of head that is left open"
                : $"{nameof(HeadKind)}.{options.Head}, which has no hidden layer";
            yield return $"{nameof(options.HiddenDimensions)} are given for {head}; leave them out, or choose " +
                $"{nameof(HeadKind)}.{nameof(HeadKind.Residual)}.";
        }
    }

    private static IEnumerable<string> Problems(MrlTrainingOptions options)
    {
        if (options.OutputColumnName.Length == 0)
        {
            yield return $"{nameof(options.OutputColumnName)} is empty; name the output column.";
        }
        if (options.OutputDimensions < 1)
        {
            yield return $"{nameof(options.OutputDimensions)} is {options.OutputDimensions}; choose 1 or more.";
        }
        if (options.Dimensions is { } dimensions && options.OutputDimensions is { } outputs && dimensions.Largest > outputs)
        {
            yield return $"{nameof(options.Dimensions)} reach {dimensions.Largest}, above {nameof(options.OutputDimensions)} of {outputs}.";
        }
        if (options.DimensionWeights is { } weights)
        {
            if (options.Dimensions is null)
            {
                yield return $"{nameof(options.DimensionWeights)} are given without {nameof(options.Dimensions)}; give both.";
            }
            else if (MatryoshkaLoss.Problem(options.Dimensions, weights) is { } problem)
            {
                yield return problem;
            }
        }
        if (options.StartingPoint is { } start && !Enum.IsDefined(start))
        {
            yield return $"{nameof(options.StartingPoint)} is {start}; choose one of {string.Join(", ", Enum.GetNames<StartingPoint>())}.";
        }
        if (options.BatchSize < 2)
        {
            yield return $"{nameof(options.BatchSize)} is {options.BatchSize}; choose 2 or more.";
        }
        if (options.Epochs < 1)
        {
            yield return $"{nameof(options.Epochs)} is {options.Epochs}; choose 1 or more.";
        }
        if (options.Patience < 1)
        {
            yield return $"{nameof(options.Patience)} is {options.Patience}; choose 1 or more.";
        }
        if (options.LearningRate is { } rate && (!(rate > 0) || !double.IsFinite(rate)))
        {
            yield return $"{nameof(options.LearningRate)} is {rate}; choose a number above 0.";
        }
        if (!(options.WeightDecay >= 0) || !double.IsFinite(options.WeightDecay))
        {
            yield return $"{nameof(options.WeightDecay)} is {options.WeightDecay}; choose 0 or more.";
        }
        if (options.WarmUpFraction is not (>= 0 and <= 1))
        {
            yield return $"{nameof(options.WarmUpFraction)} is {options.WarmUpFraction}; choose 0..1.";
        }
        if (options.TrainTime <= TimeSpan.Zero)
        {
            yield return $"{nameof(options.TrainTime)} is {options.TrainTime}; choose a time above zero.";
        }
        if (options.CheckpointFolder?.Length == 0)
        {
            yield return $"{nameof(options.CheckpointFolder)} is empty; name a folder, or leave it null.";
        }
        if (options.CheckpointEvery < 1)
        {
            yield return $"{nameof(options.CheckpointEvery)} is {options.CheckpointEvery}; choose 1 or more.";
        }
        if (!Enum.IsDefined(options.Resume))
        {
            string modes = string.Join(", ", Enum.GetNames<ResumeMode>());
            yield return $"{nameof(options.Resume)} {options.Resume} is not known; choose {modes}.";
        }
        if (options.Resume == ResumeMode.Required && options.CheckpointFolder is null)
        {
            yield return $"{nameof(options.Resume)} is required without a {nameof(options.CheckpointFolder)}; name the folder.";
        }
        if (options.ValidationFraction is not (null or (>= 0 and < 1)))
        {
            yield return $"{nameof(options.ValidationFraction)} is {options.ValidationFraction}; choose 0 up to, not including, 1.";
        }
        if (options.MemoryBudget <= 0)
        {
            yield return $"{nameof(options.MemoryBudget)} is {options.MemoryBudget}; choose a number of bytes above 0.";
        }
        if (options.TempFolder is { } folder && !Directory.Exists(folder))
        {
            yield return $"{nameof(options.TempFolder)} '{folder}' does not exist; create it or choose another.";
        }
        if (!Enum.IsDefined(options.Gate))
        {
            yield return $"{nameof(options.Gate)} is {options.Gate}; choose {string.Join(" or ", Enum.GetNames<HarmGate>())}.";
        }
    }
}
