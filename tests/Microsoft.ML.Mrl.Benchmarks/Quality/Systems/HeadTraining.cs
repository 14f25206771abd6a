using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>
/// Trains heads for one supervision and one list of dimensions. The learning rate is the one that does best, on average over the dimensions, on the rows
/// that the training with the first seed holds back; test rows have no say.
/// </summary>
internal sealed class HeadTraining(Supervision supervision, QualitySettings settings)
{
    private readonly List<double> _scores = [];
    private double _learningRate = double.NaN;

    /// <summary>The learning rate, chosen by the first training.</summary>
    public string Chosen => _learningRate.ToString(CultureInfo.InvariantCulture);

    /// <summary>The score on the rows held back, in hundredths, the mean over dimensions and seeds.</summary>
    public string HeldBack => (_scores.Average() * 100).ToString("F1", CultureInfo.InvariantCulture);

    public EmbeddingHead Train(MatryoshkaDimensions dimensions, int seed)
    {
        if (!double.IsNaN(_learningRate))
        {
            EmbeddingHead next = Train(dimensions, seed, _learningRate);
            _scores.Add(ScoreOf(next.Training!));
            return next;
        }
        EmbeddingHead? best = null;
        double bestScore = double.NegativeInfinity;
        foreach (double rate in settings.LearningRates)
        {
            EmbeddingHead head = Train(dimensions, seed, rate);
            double score = ScoreOf(head.Training!);
            if (best is null || score > bestScore)
            {
                (best, bestScore, _learningRate) = (head, score, rate);
            }
        }
        _scores.Add(bestScore);
        return best!;
    }

    private static double ScoreOf(TrainingSummary training) => training.ValidationScores.Average(score => training.Winner switch
    {
        "raw" => score.Raw,
        "PCA" => score.Pca,
        _ => score.Learned,
    });

    private EmbeddingHead Train(MatryoshkaDimensions dimensions, int seed, double learningRate)
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
        })).Fit(supervision.View(seed)).Head;
    }
}
