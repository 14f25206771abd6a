namespace Microsoft.ML.Mrl.Cli;

/// <summary>The three systems at all dimensions.</summary>
/// <param name="Rows">A row for each dimension, ascending; the last is the full width.</param>
internal sealed record Comparison(IReadOnlyList<ComparisonRow> Rows)
{
    private const string RawColumn = "Raw";
    private const string PcaColumn = "Pca";

    /// <summary>The full width's row.</summary>
    public ComparisonRow Full => Rows[^1];

    /// <summary>MRL's share of what it reaches at its full width, by the mean of both measures; NaN where that is 0.</summary>
    public double ShareOfFull(ComparisonRow row) => Full.Mrl.Mean > 0 ? row.Mrl.Mean / Full.Mrl.Mean : double.NaN;

    /// <summary>Measures the systems on the test rows, with the training rows to classify by.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="embedding">The trained head.</param>
    /// <param name="training">The training rows with features and label.</param>
    /// <param name="test">The test rows, likewise.</param>
    /// <param name="features">The column of the features.</param>
    /// <param name="label">The column of the label.</param>
    public static Comparison Measure(MLContext mlContext, MrlTransformer embedding, IDataView training, IDataView test, string features, string label)
    {
        MatryoshkaDimensions dimensions = embedding.Head.TrainedDimensions;
        // A cut at the full width leaves every shorter prefix as it is, and spares the evaluation thousands of features that it does not look at.
        ITransformer raw = mlContext.Transforms.TruncateEmbedding(RawColumn, features, dimensions.Largest).Fit(training);
        ITransformer pca = mlContext.Transforms.PcaRotate(PcaColumn, features, dimensions.Largest).Fit(training);

        DimensionReport ofRaw = Evaluate(raw, RawColumn);
        DimensionReport ofPca = Evaluate(pca, PcaColumn);
        DimensionReport ofMrl = Evaluate(embedding, TrainJob.EmbeddingColumn);
        return new([.. dimensions.Select(m => new ComparisonRow(m, SystemScores.Of(ofRaw[m]), SystemScores.Of(ofPca[m]), SystemScores.Of(ofMrl[m])))]);

        DimensionReport Evaluate(ITransformer system, string column) =>
            mlContext.Mrl().EvaluateClassification(system.Transform(test), column, label, system.Transform(training), dimensions);
    }
}
