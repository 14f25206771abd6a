using Microsoft.ML.Mrl.Classification;

namespace Microsoft.ML.Mrl.Tests.Classification;

public class NestedClassifiersTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(77)]
    public void Decide_AnyScoresWithTies_IsThatOfTheSlowWay(int classes)
    {
        var random = new Random(classes);
        NestedClassifiers centroids = Of(AdaptiveClassifierKind.NearestCentroid, classes),
        ridge = Of(AdaptiveClassifierKind.Ridge, classes);
        var scores = new float[ridge.ScoreStride];
        for (int i = 0; i < 500; i++)
        {
            Array.Fill(scores, float.NegativeInfinity);
            for (int c = 0; c < classes; c++)
            {
                scores[c] = (random.Next(21) - 10) / 10f;
            }
            float[] own = scores[..classes], ranked = [.. own.OrderDescending()];
            int winner = Array.IndexOf(own, ranked[0]);

            (int byMargin, float margin) = centroids.Decide(scores);
            (int byProbability, float probability) = ridge.Decide(scores);

            Assert.Equal(winner, byMargin);
            Assert.Equal(ranked[0] - ranked[1], margin, 1e-6f);
            Assert.Equal(winner, byProbability);
            Assert.Equal(1 / own.Sum(score => Math.Exp(score - ranked[0])), probability, 1e-6);
            ridge.MakeProbabilities(scores, winner, probability);
            Assert.Equal(probability, scores[winner]);
            Assert.Equal(1, scores.Sum(), 1e-5f);
        }
    }

    private static NestedClassifiers Of(AdaptiveClassifierKind kind, int classes) =>
        new(kind, [1], [new float[classes]], [new float[classes]]);
}
