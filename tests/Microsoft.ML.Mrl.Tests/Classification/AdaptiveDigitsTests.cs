using System.Globalization;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Classification;

public class AdaptiveDigitsTests
{
    [Fact]
    public void WrittenDigits_AreClassifiedBetterByLinearClassifiers_AtFewerValuesThanAllOfThem()
    {
        (float[] train, string[] labels) = Read(Repository.SharedOrSkip("data/optdigits/optdigits.tra"));
        (float[] test, string[] wanted) = Read(Repository.SharedOrSkip("data/optdigits/optdigits.tes"));
        var accuracies = new Dictionary<AdaptiveClassifierKind, double>();
        foreach (AdaptiveClassifierKind kind in Enum.GetValues<AdaptiveClassifierKind>())
        {
            AdaptiveClassifier classifier = AdaptiveClassifier.Fit(
                train, labels, new AdaptiveClassifierOptions { Kind = kind, Dimensions = [16, 32, 48, 64], AccuracyLoss = 0.01 });

            AdaptivePrediction[] predictions = classifier.PredictMany(test),
            full = classifier.WithThresholds(float.PositiveInfinity, float.PositiveInfinity, float.PositiveInfinity).PredictMany(test);

            double accuracy = Accuracy(predictions), atFull = accuracies[kind] = Accuracy(full);
            // The test digits were written by others, so that more than the share allowed may be lost.
            Assert.InRange(accuracy, atFull - 0.04, 1);
            Assert.InRange(predictions.Average(p => p.Dimensions), 16, 60);
        }
        Assert.True(accuracies[AdaptiveClassifierKind.Logistic] > 0.93);
        Assert.True(accuracies[AdaptiveClassifierKind.Logistic] > accuracies[AdaptiveClassifierKind.Ridge]);
        Assert.True(accuracies[AdaptiveClassifierKind.Ridge] > accuracies[AdaptiveClassifierKind.NearestCentroid]);

        double Accuracy(AdaptivePrediction[] predictions) => predictions.Zip(wanted)
            .Average(pair => pair.First.Label == pair.Second ? 1.0 : 0);
    }

    private static (float[] Vectors, string[] Labels) Read(string path)
    {
        string[][] rows = [.. File.ReadLines(path).Skip(1).Select(line => line.Split(','))];
        return ([.. rows.SelectMany(row => row[..^1].Select(value => float.Parse(value, CultureInfo.InvariantCulture)))],
            [.. rows.Select(row => row[^1])]);
    }
}
