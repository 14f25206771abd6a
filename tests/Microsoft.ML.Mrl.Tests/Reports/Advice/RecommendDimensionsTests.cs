using System.Globalization;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Reports.Advice;

public sealed class RecommendDimensionsTests
{
    private readonly MrlOperations _mrl = new MLContext(1).Mrl();

    [Fact]
    public void RecommendDimensions_ShorterSurelyKeeps_ChoosesIt()
    {
        // 8 loses half, 16 loses nothing.
        DimensionRecommendation advice = _mrl.RecommendDimensions(Report(1000, (8, 500), (16, 1000), (32, 1000)), 0.95);

        Assert.Equal(16, advice.Dimensions);
        Assert.Equal(16, advice.ByEstimate?.Dimensions);
        Assert.Equal(16, advice.WithConfidence?.Dimensions);
        Assert.Equal([KeepVerdict.Falls, KeepVerdict.Keeps, KeepVerdict.Keeps], advice.Rows.Select(row => row.Verdict));
        Assert.Equal(
            "Choose 16 of 32 dimensions: they keep 100.0 % of the full width's 1-NN (95 % interval 100.0..100.0 %), in 64 bytes per vector instead of 128 in float32.",
            advice.Summary);
        Assert.Equal(1_000, advice.Resamples);
        Assert.Equal(0.95, advice.Confidence);
        Assert.Equal("1-NN", advice.Metric);
        Assert.Equal(0.5, advice.Rows[0].Share, 1e-12);
        Assert.InRange(advice.Rows[0].ShareLow, 0.45, 0.4999);
        Assert.InRange(advice.Rows[0].ShareHigh, 0.5001, 0.55);
    }

    [Fact]
    public void RecommendDimensions_IntervalTooWide_NamesBothDimensions()
    {
        // 16 keeps 96 of 100: enough by the estimate, not by the interval; 32 keeps them all.
        DimensionRecommendation advice = _mrl.RecommendDimensions(Report(100, (8, 50), (16, 96), (32, 100), (64, 100)), 0.95);

        Assert.Equal(16, advice.ByEstimate?.Dimensions);
        Assert.Equal(32, advice.WithConfidence?.Dimensions);
        Assert.Equal(32, advice.Dimensions);
        Assert.Equal(KeepVerdict.Unsure, advice.Rows[1].Verdict);
        Assert.StartsWith(
            "16 of 64 dimensions keep 96.0 % of the full width's 1-NN (95 % interval ", advice.Summary, StringComparison.Ordinal);
        Assert.Contains(
            "reaches below the 95 % asked for: 100 rows are too few to tell. Choose 32 of 64 dimensions, the smallest that surely does: 100.0 %", advice.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void RecommendDimensions_OnlyTheEstimateKeeps_KeepsAllAndSaysWhy()
    {
        DimensionRecommendation advice = _mrl.RecommendDimensions(Report(100, (16, 96), (32, 100)), 0.95);
        Assert.Equal(16, advice.ByEstimate?.Dimensions);
        Assert.Equal(32, advice.Dimensions);
        Assert.EndsWith(
            "Nothing smaller surely keeps 95 % of the full width's 1-NN: keep all 32 dimensions in float32, or measure with more.",
            advice.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void RecommendDimensions_NothingShorterKeeps_SaysKeepAllAndTheBest()
    {
        DimensionRecommendation advice = _mrl.RecommendDimensions(Report(1000, (8, 200), (16, 800), (32, 1000)));
        Assert.Equal(32, advice.Dimensions);
        Assert.Equal(32, advice.ByEstimate?.Dimensions);
        Assert.StartsWith(
            "Keep all 32 dimensions in float32, 128 bytes per vector: nothing smaller keeps 99 % of the full width's 1-NN. The best of the others is 16 of 32 dimensions, with 80.0 %", advice.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void RecommendDimensions_FullWidthIsZero_RecommendsNothing()
    {
        DimensionRecommendation advice = _mrl.RecommendDimensions(Report(100, (8, 0), (16, 0)));
        Assert.Null(advice.Dimensions);
        Assert.Null(advice.ByEstimate);
        Assert.All(advice.Rows, row => Assert.Equal(KeepVerdict.Undefined, row.Verdict));
        Assert.Equal(
            "Nothing can be recommended: 1-NN at the full width of 16 is 0.0000, not above 0, so there is nothing to keep.",
            advice.Summary);
    }

    [Fact]
    public void RecommendDimensions_FullWidthOftenZeroOnResamples_RecommendsNothing()
    {
        DimensionRecommendation advice = _mrl.RecommendDimensions(Report(40, (8, 1), (16, 1)));
        Assert.Null(advice.Dimensions);
        Assert.Equal(8, advice.ByEstimate?.Dimensions);
        Assert.Contains("on resamples of the 40 rows it is often not above 0", advice.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void RecommendDimensions_TooFewRows_GoesByTheEstimateAndSaysSo()
    {
        DimensionRecommendation advice = _mrl.RecommendDimensions(Report(19, (8, 19), (16, 19)));
        Assert.Equal(8, advice.Dimensions);
        Assert.Null(advice.WithConfidence);
        Assert.Equal(0, advice.Resamples);
        Assert.Equal(
            "Choose 8 of 16 dimensions: they keep 100.0 % of the full width's 1-NN, in 32 bytes per vector instead of 64 in float32. How sure that is was not measured: 19 rows are too few to resample, 20 are needed.",
            advice.Summary);
        Assert.Equal(KeepVerdict.Keeps, advice.Rows[0].Verdict);
    }

    [Fact]
    public void RecommendDimensions_ReportWithoutRows_GoesByTheEstimateAndSaysSo()
    {
        DimensionReport report = DimensionReport.FromJson(Report(100, (8, 96), (16, 100)).ToJson());
        DimensionRecommendation advice = _mrl.RecommendDimensions(report, 0.9);
        Assert.Equal(8, advice.Dimensions);
        Assert.EndsWith(
            "How sure that is was not measured: the report does not hold the values of its rows.", advice.Summary,
            StringComparison.Ordinal);
    }

    [Fact]
    public void RecommendDimensions_OnlyTheFullWidth_SaysThereIsNothingShorter()
        => Assert.Equal(
            "Only the full width of 8 was evaluated: there is nothing shorter to choose.",
            _mrl.RecommendDimensions(Report(100, (8, 50))).Summary);

    [Fact]
    public void RecommendDimensions_Correlations_AreComputedAnewOnResamples()
    {
        var random = new Random(3);
        EmbeddingMatrix left = SampleMatrices.Random(1, 200, 16), right = SampleMatrices.Random(2, 200, 16);
        float[] scores = [
            .. Enumerable.Range(0, 200)
            .Select(i => (float)SlowEvaluation.Cosine(left.Row(i), right.Row(i), 16) + (0.1f * random.NextSingle()))];
        DimensionReport report = SimilarityEvaluation.Evaluate(left, right, scores, new MatryoshkaDimensions(4, 8, 16));

        DimensionRecommendation advice = _mrl.RecommendDimensions(report, 0.9);

        Assert.Equal(1_000, advice.Resamples);
        Assert.Equal("Spearman", advice.Metric);
        Assert.InRange(advice.Rows[1].ShareLow, 0, advice.Rows[1].Share - 0.02);
        Assert.InRange(advice.Rows[1].ShareHigh, advice.Rows[1].Share + 0.02, 1.2);
        Assert.Equal("Pearson", _mrl.RecommendDimensions(report, 0.9, new RecommendationOptions { Metric = "Pearson" }).Metric);
    }

    [Fact]
    public void RecommendDimensions_ConstantScores_RecommendsNothing()
    {
        DimensionReport report = SimilarityEvaluation.Evaluate(
            SampleMatrices.Random(1, 30, 4), SampleMatrices.Random(2, 30, 4), new float[30], new MatryoshkaDimensions(2, 4));
        DimensionRecommendation advice = _mrl.RecommendDimensions(report);
        Assert.Null(advice.Dimensions);
        Assert.Contains("Spearman at the full width of 4 is NaN", advice.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.5)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void RecommendDimensions_KeepOutOfRange_Throws(double keep)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _mrl.RecommendDimensions(Report(100, (8, 50)), keep));
        Assert.Equal("keep", error.ParamName);
        Assert.Contains("Choose a share above 0 and at most 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RecommendDimensions_KeepAll_IsAllowed() => Assert.Equal(8, _mrl.RecommendDimensions(Report(100, (8, 50)), 1).Dimensions);

    [Fact]
    public void RecommendDimensions_NoFullWidthInTheReport_Throws()
    {
        var report = new DimensionReport("retrieval", ["MRR"], "MRR", new MatryoshkaDimensions(8, 16), [[1], [1]], 32, 100);
        Assert.StartsWith(
            "The report has no row of the full width of 32",
            Assert.Throws<ArgumentException>(() => _mrl.RecommendDimensions(report)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => _mrl.RecommendDimensions(null!));
    }

    [Fact]
    public void RecommendDimensions_OptionsThatMakeNoSense_AllAreToldAtOnce()
    {
        var error = Assert.Throws<ArgumentException>(
            () => _mrl.RecommendDimensions(
                Report(100, (8, 50)), 0.9, new RecommendationOptions { Metric = "F1", Confidence = 1, Resamples = 99 }));
        Assert.StartsWith(
            "RecommendationOptions are invalid: Metric is 'F1', which the report does not have; choose one of NearestCentroid, 1-NN. Confidence is 1; choose a level above 0 and below 1, such as 0.95. Resamples is 99; choose 100..1000000.",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_AnyCulture_IsTheSummaryAndATable()
    {
        DimensionRecommendation advice = _mrl.RecommendDimensions(Report(100, (12, 100), (100, 100)), 0.9);
        CultureInfo before = CultureInfo.CurrentCulture;
        var foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        foreign.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = foreign;
            Assert.Equal(
                $"""
                {advice.Summary}
                Dimensions    1-NN  Of full   95 % interval  Verdict  float32 MB/M  float16  int8  binary
                        12  1.0000  100.0 %  100.0..100.0 %    keeps            48       24    12       2
                       100  1.0000  100.0 %  100.0..100.0 %    keeps           400      200   100      13

                """,
                advice.ToString());
            Assert.Contains("| Dimensions |   1-NN | Of full |", advice.ToMarkdown(), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>A report in which the first rows are right at each dimension, as many as named.</summary>
    private static DimensionReport Report(int rows, params (int Dimensions, int Right)[] dimensions)
    {
        float[][] values = [.. dimensions.Select(d => (float[])[.. Enumerable.Range(0, rows).Select(i => i < d.Right ? 1f : 0)])];
        return new DimensionReport(
            "classification",
            ["NearestCentroid", "1-NN"],
            "1-NN",
            new MatryoshkaDimensions(dimensions.Select(d => d.Dimensions)),
            [.. dimensions.Select(d => (double[])[0.5, (double)d.Right / rows])],
            dimensions[^1].Dimensions,
            rows,
            resampled: new Dictionary<string, ResampledMetric> { ["1-NN"] = new MeanMetric(values) });
    }
}
