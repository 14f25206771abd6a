using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

/// <summary>What has to be equal for a training to go on from another's checkpoint, one line each, in words.</summary>
internal static class TrainingIdentity
{
    /// <param name="trained">What learns.</param>
    /// <param name="learningRate">The highest learning rate.</param>
    /// <param name="epochs">The most epochs.</param>
    public static string Of(ITrained trained, double learningRate, int epochs)
    {
        TrainingTask task = trained.Task;
        TrainingPlan plan = task.Plan;
        ExampleSet examples = task.Examples;
        MrlTrainingOptions options = plan.Options;
        int[] shapes = [.. trained.TakeWeights().Select(part => part.Length),
            .. trained.Loss.Parameters.Select(p => (int)p.NumberOfElements)];
        string weights = options.DimensionWeights is null ? "1"
            : string.Join(", ", options.DimensionWeights.Select(w => w.ToString("R", CultureInfo.InvariantCulture)));
        return string.Join('\n',
        [
            $"objective {options.Objective.Settings}",
            .. plan.Learned == options.Objective ? (string[])[] : [$"loss of {plan.Learned.Settings}"],
            plan.StartsFromHead
                ? "head trained first" : $"head {plan.Head} from {plan.StartingPoint}",
            .. EncoderLines(plan),
            .. plan.Geometry > 0 ? (string[])[Line($"cosines kept {plan.Geometry:R}")] : [],
            Line($"seed {plan.Seed}"),
            $"dimensions {plan.Dimensions}",
            $"weights {weights}",
            Line($"output {plan.OutputDimensions}"),
            Line($"batch size {plan.BatchSize}"),
            Line($"epochs {epochs}"),
            Line($"patience {options.Patience}"),
            Line($"learning rate {(plan.Encoder is TransformerTextEncoder ? plan.RateOfLoss : learningRate):R}"),
            Line($"weight decay {options.WeightDecay:R}"),
            Line($"warm-up {options.WarmUpFraction:R}"),
            examples.ValidationStart is { } start ? Line($"validation {examples.Count - start} rows of their own")
                : Line($"validation {options.HeldBackFraction:R}"),
            Line($"rows {examples.Count} of {examples.Anchors.Width} values"),
            Line($"data {HashOf(examples):x8}"),
            $"parameters {string.Join(", ", shapes)}",
        ]);
    }

    /// <summary>A short name of an identity, for files.</summary>
    public static string KeyOf(string identity) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 6)).ToLowerInvariant();

    /// <summary>Says in which line another identity differs first.</summary>
    public static string FirstDifference(string found, string wanted)
    {
        string[] was = found.Split('\n');
        string[] now = wanted.Split('\n');
        int i = 0;
        while (i < was.Length - 1 && i < now.Length - 1 && was[i] == now[i])
        {
            i++;
        }
        return $"it says \"{was[i]}\", now it is \"{now[i]}\"";
    }

    private static IEnumerable<string> EncoderLines(TrainingPlan plan)
    {
        if (plan.Encoder is not { } encoder)
        {
            yield break;
        }
        yield return $"encoder {encoder.Fingerprint}";
        if (encoder is TransformerTextEncoder)
        {
            TransformerTrainingOptions options = plan.Transformer;
            yield return Line($"mini-batch size {options.MiniBatchSize}, accumulation steps {options.AccumulationSteps}");
            yield return Line($"learning rate of the encoder {options.LearningRate:R}, of Dense layers {options.DenseLearningRate:R}");
            yield return $"frozen layers {options.FrozenLayers?.ToString(CultureInfo.InvariantCulture) ?? "none"}";
            yield return $"dropout {options.Dropout?.ToString("R", CultureInfo.InvariantCulture) ?? "as configured"}";
            yield return Line($"max gradient norm {options.MaxGradientNorm:R}");
            yield return options.AdaptiveLayers is { } layers
                ? Line($"adaptive layers {layers.PriorLayersWeight:R}, {layers.DivergenceWeight:R}, {layers.DivergenceTemperature:R}")
                : "last layer alone";
        }
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static int HashOf(ExampleSet examples)
    {
        var hash = new StableHash();
        foreach ((_, VectorRows rows) in examples.Vectors.OrderBy(v => v.Key))
        {
            for (int row = 0; row < rows.Count; row++)
            {
                int one = rows.HashOf(row);
                hash.Add(MemoryMarshal.CreateReadOnlySpan(ref one, 1));
            }
        }
        hash.Add(examples.Labels ?? []);
        hash.Add(examples.Scores ?? []);
        return hash.Value;
    }
}
