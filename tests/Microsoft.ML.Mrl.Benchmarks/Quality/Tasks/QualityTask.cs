namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>What embeddings are wanted for: rows to learn from, and a measure on test rows.</summary>
internal abstract class QualityTask(string name, MatryoshkaDimensions dimensions)
{
    /// <summary>The names that can be given on the command line.</summary>
    public static readonly string[] Names = ["banking77", "clinc150", "transfer", "stsb", "scifact", "neighbors", "mnist", "optdigits"];

    /// <summary>The name on the command line.</summary>
    public string Name { get; } = name;

    /// <summary>What is measured and how large it is, for the table's heading.</summary>
    public abstract string Description { get; }

    /// <summary>The prefix lengths to measure at; the largest is the output width of every system.</summary>
    public MatryoshkaDimensions Dimensions { get; } = dimensions;

    /// <summary>The metrics to show, names of <see cref="DimensionReport.Metrics"/>.</summary>
    public abstract IReadOnlyList<string> Metrics { get; }

    /// <summary>Every training vector, in column <c>Vector</c>, with its <c>Label</c> where there are labels.</summary>
    public abstract IDataView Vectors { get; }

    /// <summary>Both sides of the training pairs, where there are other training vectors besides; else null.</summary>
    public virtual IDataView? PairedVectors => null;

    /// <summary>Whether the training vectors have labels.</summary>
    public virtual bool HasLabels => false;

    /// <summary>The ways to learn from the training rows, best known first.</summary>
    public abstract IReadOnlyList<Training> Trainings { get; }

    /// <summary>Loads a task.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="folder">The folder of the data sets.</param>
    /// <param name="source">Turns its texts into vectors; digits are their pixels.</param>
    /// <param name="rows">Which rows to use.</param>
    public static QualityTask Load(string name, string folder, VectorSource source, RowChoice rows) => name switch
    {
        "banking77" => Banking77.Load(folder, source, rows),
        "clinc150" => Clinc150.Load(folder, source, rows),
        "transfer" => TransferTask.Load(folder, source, rows),
        "stsb" => StsBenchmark.Load(folder, source, rows),
        "scifact" => SciFact.Load(folder, source, rows),
        "neighbors" => NeighborTask.Load(folder, source, rows),
        "mnist" => Mnist.Load(folder, rows),
        "optdigits" => Optdigits.Load(folder, rows),
        _ => throw new ArgumentException($"There is no task '{name}'. Choose {string.Join(", ", Names)}.", nameof(name)),
    };

    /// <summary>Whether a task has texts, which an encoder has to embed.</summary>
    public static bool HasTexts(string name) => name is not ("mnist" or "optdigits");

    /// <summary>Measures on the test rows.</summary>
    /// <param name="head">What to apply to every vector first; null for nothing.</param>
    /// <param name="dimensions">Where to cut.</param>
    public abstract DimensionReport Evaluate(EmbeddingHead? head, MatryoshkaDimensions dimensions);

    /// <summary>Applies a head to a column <c>Vector</c>; without one the column stays as it is.</summary>
    protected static (IDataView View, string Column) Apply(
        MLContext mlContext, EmbeddingHead? head, IDataView view, string column = nameof(Example.Vector))
    {
        if (head is null)
        {
            return (view, column);
        }
        string output = column + "Embedding";
        return (mlContext.Transforms.ApplyEmbeddingHead(output, column, head).Fit(view).Transform(view), output);
    }
}
