namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>What embeddings are wanted for: rows to learn from, and a measure on test rows.</summary>
internal abstract class QualityTask(string name, MatryoshkaDimensions dimensions)
{
    /// <summary>The name on the command line.</summary>
    public string Name { get; } = name;

    /// <summary>What is measured and how large it is, for the table's heading.</summary>
    public abstract string Description { get; }

    /// <summary>The prefix lengths to measure at; the largest is the output width of every system.</summary>
    public MatryoshkaDimensions Dimensions { get; } = dimensions;

    /// <summary>The metrics to show, names of <see cref="DimensionReport.Metrics"/>.</summary>
    public abstract IReadOnlyList<string> Metrics { get; }

    /// <summary>Every training vector once, in column <c>Vector</c>, without what it is labelled.</summary>
    public abstract IDataView Vectors { get; }

    /// <summary>Whether the vectors have values that can be cut as they come.</summary>
    public virtual bool HasRawPrefix => true;

    /// <summary>The training rows with labels, if this task has any.</summary>
    public virtual IReadOnlyList<Example>? Labelled => null;

    /// <summary>The ways to learn from the training rows, best known first.</summary>
    public abstract IReadOnlyList<Supervision> Supervisions { get; }

    /// <summary>Measures on the test rows.</summary>
    /// <param name="head">What to apply to every vector first; null for nothing.</param>
    /// <param name="dimensions">Where to cut.</param>
    public abstract DimensionReport Evaluate(EmbeddingHead? head, MatryoshkaDimensions dimensions);

    /// <summary>Applies a head to a column <c>Vector</c>, which becomes <c>Embedding</c>; without one the column stays as it is.</summary>
    protected static (IDataView View, string Column) Apply(MLContext mlContext, EmbeddingHead? head, IDataView view, string column = nameof(Example.Vector))
    {
        if (head is null)
        {
            return (view, column);
        }
        string output = column + "Embedding";
        return (mlContext.Transforms.ApplyEmbeddingHead(output, column, head).Fit(view).Transform(view), output);
    }
}
