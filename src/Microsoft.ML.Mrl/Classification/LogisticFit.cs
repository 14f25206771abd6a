using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Evaluation.Probe;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mrl.Classification;

/// <summary>Fits multinomial logistic regression by ML.NET's L-BFGS, on centered rows of unit length.</summary>
internal static class LogisticFit
{
    // The average loss of a row need not be known better than this.
    private const float Tolerance = 1e-5f;
    private const int MaxSteps = 500;

    /// <param name="rows">The rows, <c>[N, m]</c>.</param>
    /// <param name="labels">Their classes, 0 to C - 1.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="penalty">α: the squares of the weights count α · tr(ZᵀZ) / 2 m against the summed loss of the rows.</param>
    /// <returns>The weights <c>[C, m]</c> and biases <c>[C]</c> for rows of unit length.</returns>
    public static (float[] Weights, float[] Biases) Fit(EmbeddingMatrix rows, int[] labels, int classes, double penalty)
    {
        int width = rows.Width;
        var centered = new CenteredRows(rows);
        double squares = centered.SquaredLengths();
        IEnumerable<Row> examples = [.. Enumerable.Range(0, rows.Count).Select(i => new Row
        {
            Features = Array.ConvertAll(CenteredRows.Center(rows.Row(i), centered.Mean, width), value => (float)value),
            Label = (uint)labels[i],
        })];
        var mlContext = new MLContext(seed: 0);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        schema[nameof(Row.Label)].ColumnType = new KeyDataViewType(typeof(uint), classes);
        // One thread: several add up in an order of their own.
        MaximumEntropyModelParameters model =
            mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
        {
            L1Regularization = 0,
            L2Regularization = (float)(squares > LinearProbe.Alike * rows.Count ? penalty * squares / width : 1),
            OptimizationTolerance = Tolerance,
            MaximumNumberOfIterations = MaxSteps,
            NumberOfThreads = 1,
            DenseOptimizer = true,
        }).Fit(mlContext.Data.LoadFromEnumerable(examples, schema)).Model;

        VBuffer<float>[] found = [];
        model.GetWeights(ref found, out _);
        var weights = new float[classes * width];
        float[] biases = [.. model.GetBiases()];
        for (int c = 0; c < classes; c++)
        {
            Span<float> own = weights.AsSpan(c * width, width);
            found[c].CopyTo(own);
            double shift = 0;
            for (int j = 0; j < width; j++)
            {
                shift += own[j] * centered.Mean[j];
            }
            biases[c] = (float)(biases[c] - shift);
        }
        return (weights, biases);
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];

        /// <summary>Gets or sets the class, counted from 0. In the data view it becomes a key, counted from 1.</summary>
        public uint Label { get; set; }
    }
}
