using Microsoft.ML.Mrl.Classification;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Evaluation.Probe;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Classification;

public class LinearClassifierTests
{
    private const int Width = 32;
    private const int Classes = 6;

    private readonly (float[] Vectors, string[] Labels) _data = AdaptiveClassifierTests.Clusters(1, 1200, 0.9f);

    [Theory]
    [InlineData(5, 2)]
    [InlineData(9, 3)]
    [InlineData(40, 6)]
    public void RidgeScores_AreThoseOfTheNormalEquationsOfEachPrefix(int count, int classes)
    {
        EmbeddingMatrix rows = SampleMatrices.Awkward(3, count, 21), others = SampleMatrices.Awkward(4, 7, 21);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % classes)];
        MatryoshkaDimensions dimensions = [1, 4, 16, 21];

        NestedClassifiers ridge = ClassifierFit.Fit(AdaptiveClassifierKind.Ridge, rows, labels, classes, dimensions, 0.1);

        for (int d = 0; d < dimensions.Count; d++)
        {
            float[] scores = AdaptiveFit.ScoresAt(ridge, d, others);
            for (int i = 0; i < others.Count; i++)
            {
                double[] expected = SlowProbe.Scores(
                    rows.Cut(dimensions[d]), labels, classes, dimensions[d], 0.1, others.Row(i)[..dimensions[d]]);
                for (int c = 0; c < classes; c++)
                {
                    Assert.Equal(expected[c], scores[(i * ridge.ScoreStride) + c], 1e-4);
                }
            }
        }
    }

    [Fact]
    public void LogisticScores_AreWhereTheSlopeOfThePenalizedLossIsZero()
    {
        const int count = 300;
        const double penalty = 0.01;
        var rows = new EmbeddingMatrix(_data.Vectors.AsMemory(0, count * Width), count, Width);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % Classes)];
        MatryoshkaDimensions dimensions = [4, 32];

        NestedClassifiers logistic = ClassifierFit.Fit(AdaptiveClassifierKind.Logistic, rows, labels, Classes, dimensions, penalty);

        for (int d = 0; d < dimensions.Count; d++)
        {
            int m = dimensions[d];
            double[][] units = [.. Enumerable.Range(0, count).Select(i => Unit(rows.Row(i)[..m]))];
            double[] mean = [.. Enumerable.Range(0, m).Select(j => units.Average(u => u[j]))];
            double lambda = penalty * units.Sum(u => u.Zip(mean, (x, y) => (x - y) * (x - y)).Sum()) / m;
            double[][] weights = [.. Enumerable.Range(0, Classes).Select(c => logistic.Weights(d, c).Select(w => (double)w).ToArray())];
            var slopes = new double[Classes, m + 1];
            for (int i = 0; i < count; i++)
            {
                double[] exponentials = [
                    .. weights.Select((w, c) => Math.Exp(logistic.Biases(d)[c] + w.Zip(units[i], (x, y) => x * y).Sum()))];
                for (int c = 0; c < Classes; c++)
                {
                    double wrong = (exponentials[c] / exponentials.Sum()) - (c == labels[i] ? 1 : 0);
                    slopes[c, m] += wrong;
                    for (int j = 0; j < m; j++)
                    {
                        slopes[c, j] += wrong * units[i][j];
                    }
                }
            }
            for (int c = 0; c < Classes; c++)
            {
                for (int j = 0; j <= m; j++)
                {
                    // Against a sum of 300 rows: the same at weights of zero is above 5.
                    Assert.Equal(0, slopes[c, j] + (j < m ? lambda * weights[c][j] : 0), 0.3);
                }
            }
            Assert.True(weights.Max(w => w.Max(Math.Abs)) > 1);
        }
    }

    [Fact]
    public void Temperature_IsThatBehindTheLabels_AndTheBestOfAGrid()
    {
        const int count = 4000, classes = 5;
        const double behind = 0.2;
        var random = new Random(1);
        var scores = new float[count * classes];
        var labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            double[] chances = new double[classes];
            for (int c = 0; c < classes; c++)
            {
                scores[(i * classes) + c] = random.NextSingle();
                chances[c] = Math.Exp(scores[(i * classes) + c] / behind);
            }
            double at = random.NextDouble() * chances.Sum();
            while (at > chances[labels[i]])
            {
                at -= chances[labels[i]++];
            }
        }

        double found = SoftmaxTemperature.Calibrate(scores, classes, classes, labels);

        Assert.Equal(behind, found, 0.02);
        double least = Enumerable.Range(0, 400).Select(i => 0.1 * Math.Pow(1.01, i)).MinBy(Loss);
        Assert.InRange(found, least / 1.011, least * 1.011);

        double Loss(double temperature)
        {
            double sum = 0, smoothing = 1.0 / (count + 2);
            for (int i = 0; i < count; i++)
            {
                double[] own = [.. Enumerable.Range(0, classes).Select(c => scores[(i * classes) + c] / temperature)];
                double whole = Math.Log(own.Sum(Math.Exp));
                sum += own.Select((s, c) => (whole - s) * ((c == labels[i] ? 1 - smoothing : 0) + (smoothing / classes))).Sum();
            }
            return sum;
        }
    }

    [Fact]
    public void Temperature_OfScoresThatAreAllRight_IsNotZero_AndOfWorthlessOnesTheGreatest()
    {
        float[] right = [1, 0, 0, 1, 1, 0, 0, 1], wrong = [.. right.Select(s => 1 - s)];
        int[] labels = [0, 1, 0, 1];
        // With four rows and two classes the right one gets 1 - 1/6 + 1/12 of the weight: e^(1/T) = 11.
        Assert.Equal(1 / Math.Log(11), SoftmaxTemperature.Calibrate(right, 2, 2, labels), 1e-6);
        Assert.Equal(1e3, SoftmaxTemperature.Calibrate(wrong, 2, 2, labels), 1e-6);
        Assert.Equal(1e3, SoftmaxTemperature.Calibrate(new float[8], 2, 2, labels), 1e-6);
        // No difference in scores is great enough to overflow.
        Assert.InRange(SoftmaxTemperature.Calibrate([1e30f, -1e30f, 0, 1e30f], 2, 2, [0, 1]), 1e-4, 1e4);
    }

    [Theory]
    [InlineData(AdaptiveClassifierKind.Ridge)]
    [InlineData(AdaptiveClassifierKind.Logistic)]
    public void Confidence_IsTheGreatestProbability_AndRightAsOftenAsItSays(AdaptiveClassifierKind kind)
    {
        AdaptiveClassifier classifier = Fit(kind);
        (float[] fresh, string[] labels) = AdaptiveClassifierTests.Clusters(1, 3000, 0.9f, firstRow: 1200);

        AdaptivePrediction[] predictions = classifier.PredictMany(fresh);

        Assert.All(predictions, p => Assert.InRange(p.Confidence, 1f / Classes, 1));
        // Five bins of equally many rows.
        foreach (var bin in predictions.Zip(labels).OrderBy(pair => pair.First.Confidence).Chunk(600))
        {
            Assert.Equal(bin.Average(pair => pair.First.Label == pair.Second ? 1.0 : 0), bin.Average(pair => pair.First.Confidence), 0.1);
        }
        Assert.Equal(
            classifier.Calibration!.Accuracy, predictions.Zip(labels).Average(pair => pair.First.Label == pair.Second ? 1.0 : 0), 0.06);
        Assert.True(classifier.Calibration.ExpectedDimensions < Width);
    }

    [Theory]
    [InlineData(AdaptiveClassifierKind.NearestCentroid)]
    [InlineData(AdaptiveClassifierKind.Ridge)]
    [InlineData(AdaptiveClassifierKind.Logistic)]
    public void ManyRows_AreClassifiedAsOneByOne_WithAnyNumberOfThreads(AdaptiveClassifierKind kind)
    {
        AdaptiveClassifier classifier = Fit(kind);
        float quarter = classifier.Thresholds[0] is var threshold && float.IsFinite(threshold) ? threshold : 0.5f;
        foreach (
            AdaptiveClassifier one in new[] { classifier, classifier.WithThresholds(quarter, quarter / 2),
            classifier.WithThresholds(float.PositiveInfinity, 0) })
        {
            foreach (int count in new[] { 0, 1, 2, 3, 5, 8, 255, 256, 257, 600 })
            {
                ReadOnlyMemory<float> vectors = _data.Vectors.AsMemory(0, count * Width);
                AdaptivePrediction[] expected = [
                    .. Enumerable.Range(0, count).Select(row => one.Predict(_data.Vectors.AsSpan(row * Width, Width)))];
                Assert.Equal(expected, one.PredictMany(vectors));
                Assert.Equal(expected, one.PredictMany(vectors, 1));
                Assert.Equal(expected, one.PredictMany(vectors, 7));
            }
        }
    }

    [Theory]
    [InlineData(AdaptiveClassifierKind.Ridge)]
    [InlineData(AdaptiveClassifierKind.Logistic)]
    public void Fit_IsRepeatable(AdaptiveClassifierKind kind) =>
        Assert.Equal(AdaptiveClassifierTests.Bytes(Fit(kind)), AdaptiveClassifierTests.Bytes(Fit(kind)));

    [Theory]
    [InlineData(AdaptiveClassifierKind.Ridge)]
    [InlineData(AdaptiveClassifierKind.Logistic)]
    public void ZerosConstantAndDuplicateColumns_HaveAFate(AdaptiveClassifierKind kind)
    {
        float[] vectors = (float[])_data.Vectors.Clone();
        for (int i = 0; i < vectors.Length; i += Width)
        {
            // Nothing in the first four columns, the same twice in the next ones, and every twentieth row is zeros.
            vectors.AsSpan(i, 4).Clear();
            vectors.AsSpan(i + 8, 4).CopyTo(vectors.AsSpan(i + 4));
            vectors.AsSpan(i, i % (20 * Width) == 0 ? Width : 0).Clear();
        }
        AdaptiveClassifier classifier = AdaptiveClassifier.Fit(
            vectors, _data.Labels, new AdaptiveClassifierOptions { Kind = kind, Dimensions = [4, 8, 32] });

        AdaptivePrediction zeros = classifier.WithThresholds(2, 2).Predict(new float[Width]);
        Assert.Equal(32, zeros.Dimensions);
        Assert.InRange(zeros.Confidence, 1f / Classes, 1);
        // At four columns of zeros all rows have the same probabilities, whatever they hold further on.
        AdaptiveClassifier shortest = classifier.WithThresholds(0, 0);
        Assert.Single(Enumerable.Range(0, 100).Select(row => shortest.Predict(vectors.AsSpan(row * Width, Width))).Distinct());
        Assert.True(classifier.Calibration!.FullAccuracy > 0.8);
    }

    [Fact]
    public void AClassOfOneRow_AndValuesOfAnyMagnitude_CanBeFitted()
    {
        float[] vectors = [.. _data.Vectors.Select((v, i) => v * (i / Width % 3 == 0 ? 1e25f : i / Width % 3 == 1 ? 1 : 1e-25f))];
        string[] labels = (string[])_data.Labels.Clone();
        labels[7] = "alone";
        foreach (AdaptiveClassifierKind kind in Enum.GetValues<AdaptiveClassifierKind>())
        {
            AdaptiveClassifier classifier = AdaptiveClassifier.Fit(vectors, labels, new AdaptiveClassifierOptions { Kind = kind });
            Assert.Contains("alone", classifier.Labels);
            // Magnitudes make no difference but for what lies below the length that counts as zero.
            AdaptivePrediction large = classifier.Predict(vectors.AsSpan(0, Width));
            float[] small = [.. vectors[..Width].Select(v => v * 1e-20f)];
            Assert.Equal(large.Label, classifier.Predict(small).Label);
            Assert.Equal(large.Confidence, classifier.Predict(small).Confidence, 1e-4f);
        }
    }

    [Theory]
    [InlineData(AdaptiveClassifierKind.Ridge)]
    [InlineData(AdaptiveClassifierKind.Logistic)]
    public void SavedAndReadBack_ItSaysTheSame_AndDamageIsSeen(AdaptiveClassifierKind kind)
    {
        AdaptiveClassifier classifier = Fit(kind);
        byte[] bytes = AdaptiveClassifierTests.Bytes(classifier);

        AdaptiveClassifier loaded = AdaptiveClassifier.Load(new MemoryStream(bytes));

        Assert.Equal(kind, loaded.Kind);
        Assert.Equal(bytes, AdaptiveClassifierTests.Bytes(loaded));
        Assert.Equal(classifier.PredictMany(_data.Vectors), loaded.PredictMany(_data.Vectors));
        for (int at = 0; at < bytes.Length; at += at < 200 ? 1 : 37)
        {
            Assert.Throws<InvalidDataException>(() => AdaptiveClassifier.Load(new MemoryStream(bytes, 0, at)));
            byte[] changed = (byte[])bytes.Clone();
            changed[at] ^= 1;
            Assert.Throws<InvalidDataException>(() => AdaptiveClassifier.Load(new MemoryStream(changed)));
        }
        // Behind a right checksum: centroids in the newer version, a kind that there is not, a NaN for the bias of the last class but one,
        // before the calibration's 85 bytes.
        foreach (
            (int at, byte[] value) in new (int, byte[])[] { (16, [0]), (16, [77]),
            (bytes.Length - 32 - 85 - 8, BitConverter.GetBytes(float.NaN)) })
        {
            byte[] changed = (byte[])bytes.Clone();
            value.CopyTo(changed, at);
            System.Security.Cryptography.SHA256.HashData(changed.AsSpan(16, changed.Length - 48))
                .CopyTo(changed.AsSpan(changed.Length - 32));
            Assert.Throws<InvalidDataException>(() => AdaptiveClassifier.Load(new MemoryStream(changed)));
        }
    }

    [Fact]
    public void WhatMakesNoSense_IsRefusedWithWhatToDo()
    {
        Refuses<ArgumentException>("Kind is 9; choose NearestCentroid or Ridge or Logistic.", () => Fit((AdaptiveClassifierKind)9));
        foreach (double penalty in new[] { 0, -1, double.NaN, double.PositiveInfinity })
        {
            Refuses<ArgumentException>(
                "choose 1E-06 or more",
                () => AdaptiveClassifier.Fit(_data.Vectors, _data.Labels, new AdaptiveClassifierOptions { L2Regularization = penalty }));
        }
        AdaptiveClassifier classifier = Fit(AdaptiveClassifierKind.Ridge);
        Refuses<ArgumentException>("33 values are not whole vectors of 32", () => classifier.PredictMany(new float[33]));
        Refuses<ArgumentException>(
            "Vector 1 has NaN at 2", () => classifier.PredictMany((float[])[.. new float[34], float.NaN, .. new float[29]]));
        Refuses<ArgumentOutOfRangeException>("Cannot use 0 threads", () => classifier.PredictMany(new float[32], 0));
        Refuses<ArgumentException>("has NaN at 0", () => classifier.Predict([float.NaN, .. new float[31]]));
    }

    private AdaptiveClassifier Fit(AdaptiveClassifierKind kind) =>
        AdaptiveClassifier.Fit(
            _data.Vectors, _data.Labels, new AdaptiveClassifierOptions { Kind = kind, Dimensions = [4, 8, 32], AccuracyLoss = 0.01 });

    private static double[] Unit(ReadOnlySpan<float> x)
    {
        double[] values = [.. x.ToArray().Select(v => (double)v)];
        double length = Math.Max(Math.Sqrt(values.Sum(v => v * v)), 1e-12);
        return [.. values.Select(v => v / length)];
    }

    private static void Refuses<T>(string text, Action action)
        where T : Exception
        => Assert.Contains(text, Assert.Throws<T>(action).Message, StringComparison.Ordinal);
}
