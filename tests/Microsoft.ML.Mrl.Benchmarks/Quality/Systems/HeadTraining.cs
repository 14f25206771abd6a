using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>
/// Trains heads for one supervision and one list of dimensions. The learning rate, and the weights of the dimensions where there are alternatives, are those that do best, on average over the dimensions, on the rows
/// that the training with the first seed holds back; test rows have no say.
/// </summary>
internal sealed class HeadTraining(Supervision supervision, HeadKind kind, QualitySettings settings)
{
    private readonly List<double> _scores = [];
    private double _learningRate = double.NaN;
    private float[]? _weights;

    /// <summary>The learning rate and the weights, chosen by the first training.</summary>
    public string Chosen => _learningRate.ToString(CultureInfo.InvariantCulture) + (_weights is null ? "" : $" weights {string.Join(":", _weights)}");

    /// <summary>The score on the rows held back, in hundredths, the mean over dimensions and seeds.</summary>
    public string HeldBack => (_scores.Average() * 100).ToString("F1", CultureInfo.InvariantCulture);

    public EmbeddingHead Train(MatryoshkaDimensions dimensions, int seed)
    {
        if (!double.IsNaN(_learningRate))
        {
            EmbeddingHead next = Train(dimensions, seed, _learningRate, _weights);
            _scores.Add(ScoreOf(next.Training!));
            return next;
        }
        EmbeddingHead? best = null;
        double bestScore = double.NegativeInfinity;
        foreach (float[]? weights in settings.WeightsFor(dimensions.Count))
        {
            foreach (double rate in settings.LearningRates)
            {
                EmbeddingHead head = Train(dimensions, seed, rate, weights);
                double score = ScoreOf(head.Training!);
                if (best is null || score > bestScore)
                {
                    (best, bestScore, _learningRate, _weights) = (head, score, rate, weights);
                }
            }
        }
        _scores.Add(bestScore);
        return best!;
    }

    private static double ScoreOf(TrainingSummary training) => training.ValidationScores.Average(score => training.Winner switch
    {
        TrainingWinner.Raw => score.Raw,
        TrainingWinner.Pca => score.Pca,
        _ => score.Learned,
    });

    private EmbeddingHead Train(MatryoshkaDimensions dimensions, int seed, double learningRate, float[]? weights)
    {
        var mlContext = new MLContext(seed);
        if (settings.Log)
        {
            mlContext.Log += (_, e) =>
            {
                if (e.Source.StartsWith("Mrl", StringComparison.Ordinal))
                {
                    Console.Error.WriteLine(e.Message);
                }
            };
        }
        return mlContext.Transforms.MrlFineTune(settings.Apply(new MrlFineTuneOptions
        {
            OutputColumnName = "Embedding",
            InputColumnName = nameof(Example.Vector),
            Objective = supervision.Objective,
            Dimensions = dimensions,
            LearningRate = learningRate,
            Head = kind,
            DimensionWeights = weights,
        })).Fit(supervision.View(seed)).Head;
    }
}
