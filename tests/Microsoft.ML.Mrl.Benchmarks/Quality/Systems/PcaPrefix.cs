namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>The first principal components.</summary>
internal sealed class PcaPrefix : QualitySystem
{
    public override string Name => "PCA prefix";

    public override string Kind => "pca";

    public override IReadOnlyList<DimensionRow> Measure(QualityTask task, int seed)
    {
        EmbeddingHead head = new MLContext(seed: 0).Transforms.PcaRotate("Embedding", nameof(Example.Vector), task.Dimensions.Largest).Fit(task.Vectors).Head;
        return task.Evaluate(head, task.Dimensions).Rows;
    }
}
