namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>A way to make short embeddings, as measured: a row of the table.</summary>
internal abstract class QualitySystem
{
    public abstract string Name { get; }

    /// <summary>What is asked for on the command line: <c>raw</c>, <c>pca</c>, <c>lda</c>, <c>each</c> or <c>ours</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Whether another seed gives another result.</summary>
    public virtual bool IsSeeded => false;

    /// <summary>What was chosen on the way, such as a learning rate; empty for nothing.</summary>
    public virtual string Chosen => "";

    /// <summary>Fits on the training rows and measures on the test rows, a row for every dimension of the task.</summary>
    public abstract IReadOnlyList<DimensionRow> Measure(QualityTask task, int seed);

    /// <summary>All systems that a task can be measured with.</summary>
    public static IEnumerable<QualitySystem> For(QualityTask task, QualitySettings settings)
    {
        if (task.HasRawPrefix)
        {
            yield return new RawPrefix();
        }
        yield return new PcaPrefix();
        if (task.Labelled is not null)
        {
            yield return new DiscriminantPrefix();
        }
        Supervision[] wanted = [.. task.Supervisions.Where(settings.Wants)];
        if (wanted.Length > 0)
        {
            yield return new SeparateHeads(wanted[0], settings);
        }
        foreach (Supervision supervision in wanted)
        {
            foreach (HeadKind kind in supervision == wanted[0] ? settings.Heads : settings.Heads[..1])
            {
                if (kind != HeadKind.Orthogonal || task.HasRawPrefix)
                {
                    yield return new MatryoshkaHead(supervision, kind, settings);
                }
            }
        }
    }
}
