namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>A way to make short embeddings, as measured: a row of the table.</summary>
internal abstract class QualitySystem
{
    public abstract string Name { get; }

    /// <summary>Whether another seed gives another result.</summary>
    public virtual bool IsSeeded => false;

    /// <summary>What was chosen on the way, for the lines under the table; empty for nothing.</summary>
    public virtual string Chosen => "";

    /// <summary>Fits on the training rows and measures on the test rows.</summary>
    public abstract DimensionReport Measure(QualityTask task, int seed);

    /// <summary>All systems that a task can be measured with.</summary>
    public static IEnumerable<QualitySystem> For(QualityTask task, bool logs)
    {
        yield return new RawPrefix();
        yield return new RandomDimensions();
        if (task.PairedVectors is { } pairs)
        {
            yield return new PcaPrefix("PCA of the pairs", pairs);
            yield return new PcaPrefix("PCA of all documents");
        }
        else
        {
            yield return new PcaPrefix();
        }
        if (task.HasLabels)
        {
            yield return new DiscriminantPrefix();
        }
        foreach (Training training in task.Trainings)
        {
            yield return new DefaultTraining(training, logs);
        }
    }
}
