using System.Buffers.Binary;
using Microsoft.ML.Mrl.Classification;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Search.Funnel;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Classification;

public class AdaptiveClassifierTests
{
    private const int Width = 32;
    private const int Classes = 6;

    private readonly (float[] Vectors, string[] Labels) _data = Clusters(1, 1200, 0.9f);

    [Theory]
    [InlineData(0)]
    [InlineData(0.02)]
    [InlineData(0.2)]
    [InlineData(1)]
    public void ChosenThresholds_LoseNoMoreThanAllowedOnTheRowsThatChoseThem(double loss)
    {
        (float[][] margins, bool[][] right, MatryoshkaDimensions dimensions) = Scored();

        float[] thresholds = ThresholdChoice.Choose(dimensions, margins, right, loss);

        int rows = margins[0].Length, correct = 0;
        long used = 0;
        for (int row = 0; row < rows; row++)
        {
            int stage = Enumerable.Range(0, dimensions.Count).First(i => i == dimensions.Count - 1 || margins[i][row] >= thresholds[i]);
            correct += right[stage][row] ? 1 : 0;
            used += dimensions[stage];
        }
        Assert.True(correct >= right[^1].Count(r => r) - (loss * rows) - 1e-9);
        Assert.True(used < (long)rows * dimensions.Largest);
        if (loss == 1)
        {
            Assert.Equal((long)rows * dimensions.Smallest, used);
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0.01)]
    [InlineData(3, 0.03)]
    [InlineData(4, 0.1)]
    public void ChosenThresholds_UseHardlyMoreDimensionsThanTheBestOfAll(int seed, double loss)
    {
        // Rows that are the likelier right the more confident they are, and the more dimensions are looked at.
        const int count = 200;
        var random = new Random(seed);
        MatryoshkaDimensions dimensions = [8, 16, 64];
        float[][] confidences = [
            .. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, count).Select(_ => random.NextSingle()).ToArray())];
        bool[][] right = [.. confidences.Select((own, d) => own.Select(c => random.NextDouble() < 0.3 + (0.2 * d) + (0.3 * c)).ToArray())];

        float[] chosen = ThresholdChoice.Choose(dimensions, confidences, right, loss);

        int allowed = (int)Math.Ceiling(right[2].Count(r => r) - (loss * count) - 1e-9);
        float[][] levels = [.. confidences.Take(2).Select(own => (float[])[float.PositiveInfinity, .. own.Order(), 0])];
        long best = levels[0].Min(
            first => levels[1].Min(second => Measure(first, second) is var (correct, used) && correct >= allowed ? used : long.MaxValue));
        (int got, long gotUsed) = Measure(chosen[0], chosen[1]);
        Assert.True(got >= allowed);
        // All confidences are tried here, and 50 quantiles of them there.
        Assert.InRange(gotUsed, best, best * 1.06);

        (int Correct, long Used) Measure(float first, float second)
        {
            int correct = 0;
            long used = 0;
            for (int row = 0; row < count; row++)
            {
                int stage = confidences[0][row] >= first ? 0 : confidences[1][row] >= second ? 1 : 2;
                correct += right[stage][row] ? 1 : 0;
                used += dimensions[stage];
            }
            return (correct, used);
        }
    }

    [Fact]
    public void Thresholds_OfZeroAndInfinity_AreTheSmallestAndTheLargestDimensionAlone()
    {
        AdaptiveClassifier classifier = AdaptiveClassifier.Fit(
            _data.Vectors, _data.Labels, new AdaptiveClassifierOptions { Dimensions = [4, 8, 32] });
        AdaptiveClassifier smallest = classifier.WithThresholds(0, 0),
        largest = classifier.WithThresholds(float.PositiveInfinity, float.PositiveInfinity);
        for (int row = 0; row < 200; row++)
        {
            float[] vector = _data.Vectors[(row * Width)..((row + 1) * Width)];
            foreach ((AdaptiveClassifier one, int stage) in new[] { (smallest, 0), (largest, 2) })
            {
                AdaptivePrediction got = one.Predict(vector);
                double[] cosines = [
                    .. Enumerable.Range(0, Classes)
                    .Select(c =>
                        Tests.Search.Funnel.SlowFunnel.Cosine(
                            vector, classifier.Classifiers.Weights(stage, c), classifier.Dimensions[stage]))];
                double[] ranked = [.. cosines.OrderDescending()];
                Assert.Equal(classifier.Labels[Array.IndexOf(cosines, ranked[0])], got.Label);
                Assert.Equal(classifier.Dimensions[stage], got.Dimensions);
                Assert.Equal(ranked[0] - ranked[1], got.Confidence, 1e-5);
            }
        }
        Assert.Null(smallest.Calibration);
    }

    [Fact]
    public void Centroids_AreTheMeansOfUnitPrefixes()
    {
        EmbeddingMatrix rows = SampleMatrices.Random(5, 8, 4);
        int[] labels = [0, 1, 0, 1, 0, 1, 0, 1];
        NestedClassifiers centroids = ClassifierFit.Fit(AdaptiveClassifierKind.NearestCentroid, rows, labels, 2, [2, 4], 0);
        for (int d = 0; d < 2; d++)
        {
            int m = centroids.Dimensions[d];
            for (int c = 0; c < 2; c++)
            {
                double[] mean = new double[m];
                foreach (int row in Enumerable.Range(0, 8).Where(row => labels[row] == c))
                {
                    double length = Math.Sqrt(rows.Row(row)[..m].ToArray().Sum(v => (double)v * v));
                    for (int j = 0; j < m; j++)
                    {
                        mean[j] += rows.Row(row)[j] / length;
                    }
                }
                double norm = Math.Sqrt(mean.Sum(v => v * v));
                for (int j = 0; j < m; j++)
                {
                    Assert.Equal(mean[j] / norm, centroids.Weights(d, c)[j], 1e-5);
                }
            }
        }
    }

    [Fact]
    public void Calibration_SaysWhatTheClassifierDoes_OnRowsItDidNotSee()
    {
        AdaptiveClassifier classifier = AdaptiveClassifier.Fit(
            _data.Vectors, _data.Labels, new AdaptiveClassifierOptions { AccuracyLoss = 0.01 });
        AdaptiveCalibration calibration = classifier.Calibration!;

        Assert.InRange(calibration.Rows, 170, 180);
        Assert.Equal(1, calibration.Shares.Sum(), 1e-9);
        Assert.Equal(calibration.ExpectedDimensions, calibration.Shares.Zip(classifier.Dimensions, (s, m) => s * m).Sum(), 1e-6);
        Assert.InRange(
            calibration.ExpectedDimensions, calibration.ExpectedDimensionsInterval.Low, calibration.ExpectedDimensionsInterval.High);
        Assert.InRange(calibration.FullAccuracy - calibration.Accuracy, calibration.Loss.Low, calibration.Loss.High);
        Assert.True(calibration.ExpectedDimensions < Width / 2);

        // Fresh rows of the same kind use as many dimensions, within the interval doubled.
        (float[] fresh, string[] labels) = Clusters(1, 4000, 0.9f, firstRow: 1200);
        AdaptivePrediction[] predictions = [
            .. Enumerable.Range(0, labels.Length).Select(row => classifier.Predict(fresh.AsSpan(row * Width, Width)))];
        double half = calibration.ExpectedDimensionsInterval.High - calibration.ExpectedDimensions;
        Assert.Equal(calibration.ExpectedDimensions, predictions.Average(p => p.Dimensions), 2 * half);
        double accuracy = predictions.Zip(labels, (p, label) => p.Label == label ? 1.0 : 0).Average();
        Assert.Equal(calibration.Accuracy, accuracy, 0.06);
    }

    [Fact]
    public void Fit_IsRepeatable_AndTheSeedMovesTheSplit()
    {
        Assert.Equal(
            Bytes(AdaptiveClassifier.Fit(_data.Vectors, _data.Labels)), Bytes(AdaptiveClassifier.Fit(_data.Vectors, _data.Labels)));
        Assert.NotEqual(
            Bytes(AdaptiveClassifier.Fit(_data.Vectors, _data.Labels)),
            Bytes(AdaptiveClassifier.Fit(_data.Vectors, _data.Labels, new AdaptiveClassifierOptions { Seed = 1 })));
    }

    [Fact]
    public void ConstantColumnsAndZeros_HaveAFate()
    {
        float[] vectors = (float[])_data.Vectors.Clone();
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = i % Width < 8 ? 1 : vectors[i];
        }
        AdaptiveClassifier classifier = AdaptiveClassifier.Fit(
            vectors, _data.Labels, new AdaptiveClassifierOptions { Dimensions = [8, 32] });

        // The first eight columns say nothing, so nobody stops there unless it is right by chance.
        Assert.True(classifier.Calibration!.Accuracy > 0.5);
        Assert.Equal(new AdaptivePrediction(classifier.Labels[0], 32, 0), classifier.WithThresholds(0.1f).Predict(new float[32]));
    }

    [Fact]
    public void WhatMakesNoSense_IsRefusedWithWhatToDo()
    {
        float[] vectors = _data.Vectors;
        string[] labels = _data.Labels;
        Refuses<ArgumentException>("at least 2 classes", () => AdaptiveClassifier.Fit(vectors, [.. labels.Select(_ => "one")]));
        Refuses<ArgumentException>(
            "All vectors are equal", () => AdaptiveClassifier.Fit(Enumerable.Repeat(1f, vectors.Length).ToArray(), labels));
        float[] bad = (float[])vectors.Clone();
        bad[70] = float.NaN;
        Refuses<ArgumentException>("Vector 2 has NaN at 6", () => AdaptiveClassifier.Fit(bad, labels));
        Refuses<ArgumentException>("not whole vectors", () => AdaptiveClassifier.Fit(vectors.AsSpan(1), labels));
        Refuses<ArgumentException>("not whole vectors", () => AdaptiveClassifier.Fit([], []));
        Refuses<ArgumentOutOfRangeException>(
            "Choose 1..32", () => AdaptiveClassifier.Fit(vectors, labels, new AdaptiveClassifierOptions { Dimensions = [8, 64] }));
        Refuses<ArgumentException>("10 of each are needed", () => AdaptiveClassifier.Fit(vectors.AsSpan(0, 40 * Width), labels[..40]));
        Refuses<ArgumentException>(
            "AccuracyLoss is 2; choose 0..1. CalibrationShare is NaN", () =>
                AdaptiveClassifier.Fit(vectors, labels, new AdaptiveClassifierOptions { AccuracyLoss = 2, CalibrationShare = double.NaN }));
        AdaptiveClassifier classifier = AdaptiveClassifier.Fit(vectors, labels, new AdaptiveClassifierOptions { Dimensions = [8, 16] });
        Refuses<ArgumentException>("has 15 values; the classifier takes 16..32", () => classifier.Predict(new float[15]));
        Refuses<ArgumentException>("Infinity", () => classifier.Predict([.. new float[15], float.PositiveInfinity]));
        Refuses<ArgumentException>("Give 1", () => classifier.WithThresholds(1, 2));
        Refuses<ArgumentException>("Give 1", () => classifier.WithThresholds(float.NaN));
    }

    [Fact]
    public void SavedAndReadBack_ItSaysTheSame_AndDamageIsSeen()
    {
        AdaptiveClassifier classifier = AdaptiveClassifier.Fit(
            _data.Vectors, _data.Labels, new AdaptiveClassifierOptions { Dimensions = [4, 8] });
        byte[] bytes = Bytes(classifier);

        AdaptiveClassifier loaded = AdaptiveClassifier.Load(new MemoryStream(bytes));

        Assert.Equal(bytes, Bytes(loaded));
        Assert.Equal(classifier.Calibration!.ToString(), loaded.Calibration!.ToString());
        Assert.Equal(classifier.Predict(_data.Vectors.AsSpan(0, Width)), loaded.Predict(_data.Vectors.AsSpan(0, Width)));
        byte[] given = Bytes(classifier.WithThresholds(0.5f));
        Assert.Equal(given, Bytes(AdaptiveClassifier.Load(new MemoryStream(given))));
        for (int at = 0; at < bytes.Length; at++)
        {
            Assert.Throws<InvalidDataException>(() => AdaptiveClassifier.Load(new MemoryStream(bytes, 0, at)));
            byte[] changed = (byte[])bytes.Clone();
            changed[at] ^= 1;
            Assert.Throws<InvalidDataException>(() => AdaptiveClassifier.Load(new MemoryStream(changed)));
        }
    }

    [Fact]
    public void FileOfTheFirstVersion_IsReadAsItWasWritten()
    {
        // Saved by the first version of the format: Fit on the rows below at 2 and 4 dimensions.
        byte[] bytes = Convert.FromBase64String(
            "TVJMQURDTAGeAAAAAAAAAAQAAAACAAAAAgAAAAQAAAACAAAABGV2ZW4Db2Rke3AvP1pMtD4emm8/V9czv54wNr8hCcA9dWC5Pm32Gj8p4DM/AzQhvgKbfr7qAi6/UP0rvwEMAAAAAAAAAAAA8D8AAAAA" +
            "AADwPwAAAAAAAAAAAAAAAAAAAACrqqqqqqoCQAAAAAAAAABA5DUuW78wBkCrqqqqqqrqP1VVVVVVVcU/T75q+5SFVB1T5YUmLylaOKVyhqN+j7E0tnbLvXR27uY=");

        AdaptiveClassifier classifier = AdaptiveClassifier.Load(new MemoryStream(bytes));

        Assert.Equal(AdaptiveClassifierKind.NearestCentroid, classifier.Kind);
        Assert.Equal(["even", "odd"], classifier.Labels);
        Assert.Equal(0.68531007f, Assert.Single(classifier.Thresholds), 1e-7f);
        Assert.Equal(
            "2.3 dimensions on average (2.0 to 2.8), accuracy 100.00 %, 100.00 % at the largest, on 12 rows.",
            classifier.Calibration!.ToString());
        (string, int, float)[] expected =
        [
            ("even", 2, 0.68531007f), ("odd", 2, 1.6476247f), ("even", 2, 1.6476247f), ("odd", 2, 0.8702138f), ("even", 4, 1.8148983f),
            ("odd", 2, 1.59113f), ("even", 2, 1.5215532f), ("odd", 4, 1.6788018f),
        ];
        for (int row = 0; row < expected.Length; row++)
        {
            float sign = row % 2 == 0 ? 1 : -1;
            float[] vector = [.. new[] { 0.25f, 0.5f, 1, 1 }.Select((v, c) => (sign * v) + ((((row * 7) + (c * 5)) % 11 - 5) / 8f))];
            // The first row chose the threshold, which is its confidence to the last bit.
            AdaptivePrediction got = classifier.WithThresholds(0.685f).Predict(vector);
            Assert.Equal(expected[row].Item1, got.Label);
            Assert.Equal(expected[row].Item2, got.Dimensions);
            Assert.Equal(expected[row].Item3, got.Confidence, 1e-5f);
        }
        Assert.Equal(bytes, Bytes(classifier));
    }

    [Fact]
    public void NumbersThatPromiseTooMuch_AreRefusedBehindARightChecksum()
    {
        byte[] bytes = Bytes(AdaptiveClassifier.Fit(_data.Vectors, _data.Labels, new AdaptiveClassifierOptions { Dimensions = [4, 8] }));
        for (int at = 16; at < bytes.Length - 32 - 4; at++)
        {
            byte[] changed = (byte[])bytes.Clone();
            BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(at), int.MaxValue - 5);
            System.Security.Cryptography.SHA256.HashData(changed.AsSpan(16, changed.Length - 48))
                .CopyTo(changed.AsSpan(changed.Length - 32));
            try
            {
                AdaptiveClassifier.Load(new MemoryStream(changed));
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    /// <summary>Classes around centers, their first columns wide and the later ones less.</summary>
    internal static (float[] Vectors, string[] Labels) Clusters(int seed, int count, float noise, int firstRow = 0)
    {
        EmbeddingMatrix centers = SampleMatrices.Random(seed, Classes, Width);
        EmbeddingMatrix own = SampleMatrices.Random(seed + 100, firstRow + count, Width);
        var vectors = new float[count * Width];
        for (int i = 0; i < vectors.Length; i++)
        {
            int row = firstRow + (i / Width), c = i % Width;
            vectors[i] = (centers.Row(row % Classes)[c] + (noise * own.Row(row)[c])) / (1 + (0.1f * c));
        }
        return (vectors, [.. Enumerable.Range(firstRow, count).Select(row => $"class {row % Classes}")]);
    }

    private (float[][] Margins, bool[][] Right, MatryoshkaDimensions Dimensions) Scored()
    {
        MatryoshkaDimensions dimensions = [2, 4, 8, 16, 32];
        var rows = new EmbeddingMatrix(_data.Vectors, _data.Labels.Length, Width);
        int[] labels = [.. Enumerable.Range(0, rows.Count).Select(row => row % Classes)];
        NestedClassifiers centroids = ClassifierFit.Fit(
            AdaptiveClassifierKind.NearestCentroid, rows.Slice(0, 600), labels[..600], Classes, dimensions, 0);
        (float[][] margins, bool[][] right) = AdaptiveFit.Decisions(centroids, rows.Slice(600, 600), labels[600..]);
        return (margins, right, dimensions);
    }

    internal static byte[] Bytes(AdaptiveClassifier classifier)
    {
        var stream = new MemoryStream();
        classifier.Save(stream);
        return stream.ToArray();
    }

    private static void Refuses<T>(string text, Action action)
        where T : Exception
        => Assert.Contains(text, Assert.Throws<T>(action).Message, StringComparison.Ordinal);
}
