using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.Classification;

/// <summary>The rows of a task after a head, to fit to and to test with.</summary>
internal sealed class AdaptiveFeatures
{
    private AdaptiveFeatures(string name, EmbeddingHead head, IReadOnlyList<Example> train, IReadOnlyList<Example> test)
    {
        Name = name;
        (Train, TrainLabels) = Apply(head, train);
        (Test, TestLabels) = Apply(head, test);
    }

    public string Name { get; }

    public float[] Train { get; }

    public string[] TrainLabels { get; }

    public float[] Test { get; }

    public string[] TestLabels { get; }

    /// <param name="task">The task.</param>
    /// <param name="features"><c>pca</c> or <c>head</c>.</param>
    public static AdaptiveFeatures Of(LabelledTask task, string features)
    {
        var mlContext = new MLContext(seed: 1);
        int width = task.Dimensions.Largest;
        if (features == "pca")
        {
            return new AdaptiveFeatures(
                "principal components", mlContext.Transforms.PcaRotate("Embedding", nameof(Example.Vector), width).Fit(task.Vectors).Head,
                task.Labelled!, task.Test);
        }
        Example[] rows = [.. task.Labelled!];
        new Random(1).Shuffle(rows);
        Example[] own = rows[..(rows.Length / 2)];
        EmbeddingHead head = mlContext.Transforms
            .MrlFineTune("Embedding", nameof(Example.Vector), MrlObjective.Classification(nameof(Example.Label)), task.Dimensions)
            .Fit(Example.View(mlContext, own)).Head;
        return new AdaptiveFeatures(
            $"a head trained on half of the rows ({head.Training!.Winner} won)", head, rows[own.Length..], task.Test);
    }

    private static (float[] Vectors, string[] Labels) Apply(EmbeddingHead head, IReadOnlyList<Example> rows)
    {
        float[] input = [.. rows.SelectMany(row => row.Vector)];
        var output = new float[rows.Count * head.OutputDimensions];
        head.ApplyMany(input, output);
        return (output, [.. rows.Select(row => row.Label)]);
    }
}
