using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Scores candidates on the rows held back. What is trained has the same weights afterwards as before.</summary>
internal sealed class HeldOutScores(ITrained trained) : IHeldOutScores
{
    private const int RowsOfLength = 1_000;

    private TrainingTask Task => trained.Task;

    /// <summary>The scores of the present weights, one per dimension; empty where no row was held back.</summary>
    public double[] OfPresent() => Score(trained.Learned);

    /// <summary>The scores of weights.</summary>
    public double[] Of(float[][] weights) => Score(new WithWeights(trained, weights));

    /// <summary>The scores of the PCA prefix.</summary>
    public double[] OfPca() => Score(trained.Pca);

    /// <summary>The scores of the vectors as they came.</summary>
    public double[] OfRaw() => Score(Raw);

    public ResampledMetric? ScoreRows(TrainingWinner candidate, float[][]? weights)
    {
        IEmbeddingSource embeddings = candidate switch
        {
            TrainingWinner.Raw => Raw,
            TrainingWinner.Pca => trained.Pca,
            _ => new WithWeights(trained, weights!),
        };
        return Task.Plan.Options.Objective.ScoreRows(Task.Examples, Task.Scoring, embeddings, Task.Plan.Dimensions, trained.Loss.Inner);
    }

    /// <summary>The root mean square of the length of prefixes by weights, one per dimension, on some training rows.</summary>
    public double[] LengthsOf(float[][] weights)
    {
        int[] rows = Task.Scoring.Reference;
        EmbeddingMatrix embeddings = new WithWeights(trained, weights).Read(VectorRole.Anchor, rows[..Math.Min(rows.Length, RowsOfLength)]);
        var squares = new double[Task.Plan.Dimensions.Count];
        for (int row = 0; row < embeddings.Count; row++)
        {
            for (int i = 0; i < squares.Length; i++)
            {
                squares[i] += TensorPrimitives.SumOfSquares(embeddings.Row(row)[..Task.Plan.Dimensions[i]]);
            }
        }
        return Array.ConvertAll(squares, sum => Math.Sqrt(sum / embeddings.Count));
    }

    /// <summary>
    /// Of the nearest neighbours of rows held back by the full input vectors, the share that are so by weights at their full width.
    /// </summary>
    public double NeighborsKept(float[][] weights) => NeighborOverlap.Score(
        Task.Examples, Task.Scoring, VectorRole.Anchor, new WithWeights(trained, weights),
        new MatryoshkaDimensions(Task.Plan.OutputDimensions))[0];

    private RawEmbeddings Raw => new(Task.Examples, Task.Plan.OutputDimensions);

    private double[] Score(IEmbeddingSource embeddings) => Task.HasValidation
        ? Task.Plan.Options.Objective.Score(Task.Examples, Task.Scoring, embeddings, Task.Plan.Dimensions, trained.Loss.Inner)
        : [];

    /// <summary>Embeddings by weights that are there for as long as rows are read.</summary>
    private sealed class WithWeights(ITrained trained, float[][] weights) : IEmbeddingSource
    {
        public double Scale => trained.Learned.Scale;

        public EmbeddingMatrix Read(VectorRole role, int[] rows)
        {
            float[][] present = trained.TakeWeights();
            trained.PutWeights(weights);
            try
            {
                return trained.Learned.Read(role, rows);
            }
            finally
            {
                trained.PutWeights(present);
            }
        }
    }
}
