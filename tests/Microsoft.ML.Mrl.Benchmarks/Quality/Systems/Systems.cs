using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>The first values of the vectors as they came.</summary>
internal sealed class RawPrefix : QualitySystem
{
    public override string Name => "raw prefix";

    public override DimensionReport Measure(QualityTask task, int seed) => task.Evaluate(null, task.Dimensions);
}

/// <summary>The values of the vectors in an order that the seed draws: what the first values are worth by being first.</summary>
internal sealed class RandomDimensions : QualitySystem
{
    public override string Name => "random dimensions";

    public override bool IsSeeded => true;

    public override DimensionReport Measure(QualityTask task, int seed)
    {
        int inputs = ((VectorDataViewType)task.Vectors.Schema[nameof(Example.Vector)].Type).Size, outputs = task.Dimensions.Largest;
        int[] order = [.. Enumerable.Range(0, inputs)];
        new Random(seed).Shuffle(order);
        var weights = new float[inputs * outputs];
        for (int output = 0; output < outputs; output++)
        {
            weights[(order[output] * outputs) + output] = 1;
        }
        return task.Evaluate(new LinearHead(weights, new float[outputs], task.Dimensions), task.Dimensions);
    }
}

/// <summary>The first principal components.</summary>
/// <param name="name">The name, which says what they are of where that is in doubt.</param>
/// <param name="vectors">What they are of; null for all training vectors of the task.</param>
internal sealed class PcaPrefix(string name = "PCA prefix", IDataView? vectors = null) : QualitySystem
{
    public override string Name => name;

    public override DimensionReport Measure(QualityTask task, int seed) => task.Evaluate(
        new MLContext(seed: 0).Transforms
            .PcaRotate("Embedding", nameof(Example.Vector), task.Dimensions.Largest).Fit(vectors ?? task.Vectors).Head,
        task.Dimensions);
}

/// <summary>The shrunken linear discriminant, in closed form.</summary>
internal sealed class DiscriminantPrefix : QualitySystem
{
    public override string Name => "linear discriminant";

    public override DimensionReport Measure(QualityTask task, int seed) => task.Evaluate(
        new MLContext(seed: 0).Transforms
            .DiscriminantRotate("Embedding", nameof(Example.Vector), nameof(Example.Label), task.Dimensions.Largest).Fit(task.Vectors).Head,
        task.Dimensions);
}

/// <summary>One head trained for all dimensions at once, with nothing but defaults: what this library is for.</summary>
internal sealed class DefaultTraining(Training training, bool logs) : QualitySystem
{
    private readonly List<string> _verdicts = [];

    public override string Name => $"**{training}**";

    public override bool IsSeeded => true;

    /// <summary>What was returned the last time.</summary>
    public TrainingWinner Winner { get; private set; }

    public override string Chosen => string.Join("\n", _verdicts);

    public override DimensionReport Measure(QualityTask task, int seed)
    {
        var mlContext = new MLContext(seed);
        if (logs)
        {
            mlContext.Log += (_, e) =>
            {
                if (e.Source.StartsWith("Mrl", StringComparison.Ordinal))
                {
                    Console.Error.WriteLine(e.Message);
                }
            };
        }
        EmbeddingHead head = mlContext.Transforms.MrlFineTune(new MrlFineTuneOptions
        {
            OutputColumnName = "Embedding",
            InputColumnName = nameof(Example.Vector),
            Objective = training.Objective,
            Dimensions = task.Dimensions,
            Transfer = training.Transfer,
        }).Fit(training.View).Head;
        Winner = head.Training!.Winner;
        _verdicts.Add($"{training}, seed {seed}: {Winner}. {head.Training.Verdict}");
        return task.Evaluate(head, task.Dimensions);
    }
}
