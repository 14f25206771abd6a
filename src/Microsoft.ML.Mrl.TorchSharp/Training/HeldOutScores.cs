using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Scores candidates on the rows held back. What is trained has the same weights afterwards as before.</summary>
internal sealed class HeldOutScores(TrainingTask task, ITrained trained) : IHeldOutScores
{
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
        return task.Plan.Options.Objective.ScoreRows(task.Examples, task.Scoring, embeddings, task.Plan.Dimensions, trained.Loss.Inner);
    }

    private RawEmbeddings Raw => new(task.Examples, task.Plan.OutputDimensions);

    private double[] Score(IEmbeddingSource embeddings) => task.HasValidation
        ? task.Plan.Options.Objective.Score(task.Examples, task.Scoring, embeddings, task.Plan.Dimensions, trained.Loss.Inner)
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
