using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Evaluation;

public sealed class RetrievalOptionsTests
{
    [Fact]
    public void Evaluate_AnyCutoffs_AgreeWithSlowLoops()
        => CsCheck.Check.Sample(
            SampleMatrices.Sizes(60),
            size =>
            {
                int queryCount = Math.Min(size.Rows, 10);
                EmbeddingMatrix queries = SampleMatrices.Awkward(size.Seed, queryCount, size.Width);
                EmbeddingMatrix documents = SampleMatrices.Awkward(size.Seed + 1, size.Others, size.Width);
                RelevantDocument[][] relevance = Judgements(size.Seed, queryCount, size.Others);
                MatryoshkaDimensions dimensions = SampleMatrices.SomeDimensions(size.Seed, size.Width);
                var options = new RetrievalOptions
                {
                    RecallAt = [3, 1000],
                    NdcgAt = [3, 10],
                    ReciprocalRankAt = [1, RetrievalOptions.AllDocuments],
                    AveragePrecisionAt = [5, RetrievalOptions.AllDocuments],
                };

                DimensionReport report = RetrievalEvaluation.Evaluate(queries, documents, relevance, dimensions, options);

                Assert.Equal(["Recall@3", "Recall@1000", "nDCG@3", "nDCG@10", "MRR@1", "MRR", "MAP@5", "MAP"], report.Metrics);
                Assert.Equal("nDCG@3", report.PrimaryMetric);
                int[] used = [.. Enumerable.Range(0, queryCount).Where(q => relevance[q].Any(r => r.Grade > 0))];
                foreach (int m in dimensions)
                {
                    int[][] ranked = [.. used.Select(q => SlowEvaluation.Rank(queries, q, documents, dimensions, m))];
                    Check("Recall@3", (list, relevant) => SlowEvaluation.RecallAt(list, relevant, 3));
                    Check("Recall@1000", (list, relevant) => SlowEvaluation.RecallAt(list, relevant, 1000));
                    Check("nDCG@3", (list, relevant) => SlowEvaluation.Ndcg(list, relevant, 3));
                    Check("nDCG@10", (list, relevant) => SlowEvaluation.Ndcg(list, relevant));
                    Check("MRR@1", (list, relevant) => SlowEvaluation.ReciprocalRank(list, relevant, 1));
                    Check("MRR", (list, relevant) => SlowEvaluation.ReciprocalRank(list, relevant, int.MaxValue));
                    Check("MAP@5", (list, relevant) => SlowEvaluation.AveragePrecision(list, relevant, 5));
                    Check("MAP", (list, relevant) => SlowEvaluation.AveragePrecision(list, relevant, int.MaxValue));

                    void Check(string name, Func<int[], RelevantDocument[], double> metric)
                        => AssertClose(
                            used.Length == 0 ? double.NaN : used.Select((q, i) => metric(ranked[i], relevance[q])).Average(),
                            report[m][name]);
                }
            },
            iter: 60);

    [Theory]
    [InlineData(3)]
    [InlineData(RetrievalOptions.AllDocuments)]
    public void Evaluate_DocumentsThatAreNotRanked_AgreeWithSlowLoops(int cutoff)
        => CsCheck.Check.Sample(
            SampleMatrices.Sizes(60),
            size =>
            {
                int queryCount = Math.Min(size.Rows, 10);
                EmbeddingMatrix queries = SampleMatrices.Awkward(size.Seed, queryCount, size.Width);
                EmbeddingMatrix documents = SampleMatrices.Awkward(size.Seed + 1, size.Others, size.Width);
                RelevantDocument[][] relevance = Judgements(size.Seed, queryCount, size.Others);
                MatryoshkaDimensions dimensions = SampleMatrices.SomeDimensions(size.Seed, size.Width);
                int[] unranked = [.. Enumerable.Range(0, queryCount).Select(q => q % 3 == 2 ? -1 : ((q * 7) + size.Seed) % size.Others)];
                var options = new RetrievalOptions { RecallAt = [2], NdcgAt = [cutoff], ReciprocalRankAt = [] };

                DimensionReport report = RetrievalEvaluation.Evaluate(
                    queries, documents, relevance, dimensions, options, unranked: unranked);

                int[] used = [.. Enumerable.Range(0, queryCount).Where(q => relevance[q].Any(r => r.Grade > 0))];
                foreach (int m in dimensions)
                {
                    int[][] ranked = [.. used.Select(q => SlowEvaluation.Rank(queries, q, documents, dimensions, m, unranked[q]))];
                    Check(report.Metrics[0], (list, relevant) => SlowEvaluation.RecallAt(list, relevant, 2));
                    Check(report.Metrics[1], (list, relevant) => SlowEvaluation.Ndcg(list, relevant, cutoff));

                    void Check(string name, Func<int[], RelevantDocument[], double> metric)
                        => AssertClose(
                            used.Length == 0 ? double.NaN : used.Select((q, i) => metric(ranked[i], relevance[q])).Average(),
                            report[m][name]);
                }
            },
            iter: 60);

    [Fact]
    public void Evaluate_AveragePrecision_IsThatOfTrecEval()
    {
        // Ranked 0, 1, 2, 3; relevant are 0, 2 and one that is not there: (1/1 + 2/3) / 3; map_cut at 2 is (1/1) / 3.
        DimensionReport report = RetrievalEvaluation.Evaluate(
            SampleMatrices.Of([1, 0]),
            SampleMatrices.Of([1, 0], [1, 0.5f], [1, 1], [0, 1]),
            [[new RelevantDocument(0, 2), new RelevantDocument(2, 1), new RelevantDocument(-1, 1), new RelevantDocument(3, 0)]],
            new MatryoshkaDimensions(2),
            new RetrievalOptions { RecallAt = [], NdcgAt = [], ReciprocalRankAt = [],
                AveragePrecisionAt = [2, RetrievalOptions.AllDocuments] });
        Assert.Equal((1 + (2 / 3.0)) / 3, report[2]["MAP"], 1e-12);
        Assert.Equal(1 / 3.0, report[2]["MAP@2"], 1e-12);
        Assert.Equal("MAP@2", report.PrimaryMetric);
    }

    [Fact]
    public void Evaluate_ConstantScores_RanksByRow()
    {
        // All cosines are equal: ranks are the rows, and the relevant document 2 has rank 3.
        DimensionReport report = RetrievalEvaluation.Evaluate(
            SampleMatrices.Of([1, 0]),
            SampleMatrices.Of([1, 0], [1, 0], [1, 0], [1, 0]),
            [[new RelevantDocument(2, 1)]],
            new MatryoshkaDimensions(1, 2),
            new RetrievalOptions { RecallAt = [2, 3], AveragePrecisionAt = [RetrievalOptions.AllDocuments] });
        foreach (int m in new[] { 1, 2 })
        {
            Assert.Equal(1 / 3.0, report[m]["MAP"], 1e-12);
            Assert.Equal(0, report[m]["Recall@2"]);
            Assert.Equal(1, report[m]["Recall@3"]);
        }
    }

    [Fact]
    public void EvaluateRetrieval_OptionsThatMakeNoSense_AllAreToldAtOnce()
    {
        var mlContext = new MLContext(1);
        IDataView data = mlContext.Data.LoadFromEnumerable(new[] { new Pair() });
        var error = Assert.Throws<ArgumentException>(
            () => mlContext.Mrl()
                .EvaluateRetrieval(data, "Query", "Document", options: new RetrievalOptions { RecallAt = [0], NdcgAt = [5, 5] }));
        Assert.StartsWith(
            "RetrievalOptions are invalid: RecallAt is 0; choose numbers of 1 or more, each once. NdcgAt is 5, 5; choose numbers of 1 or more, each once.", error.Message);
        error = Assert.Throws<ArgumentException>(
            () => mlContext.Mrl()
                .EvaluateRetrieval(data, data, data, options: new RetrievalOptions { RecallAt = [], NdcgAt = [], ReciprocalRankAt = [] }));
        Assert.Contains("No metric is asked for", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluateRetrieval_Options_ReachTheReport()
    {
        var mlContext = new MLContext(1);
        IDataView data = mlContext.Data.LoadFromEnumerable(new[] { new Pair(), new Pair { Query = [0, 1], Document = [0.1f, 1] } });
        DimensionReport report = mlContext.Mrl().EvaluateRetrieval(
            data, "Query", "Document", options: new RetrievalOptions { AveragePrecisionAt = [RetrievalOptions.AllDocuments] });
        Assert.Equal(["Recall@1", "nDCG@10", "MRR@10", "MAP"], report.Metrics);
        Assert.Equal(1, report[2]["MAP"]);
    }

    private static RelevantDocument[][] Judgements(int seed, int queries, int documents)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, queries).Select(_ => Enumerable.Range(-1, documents + 1)
                .Where(_ => random.Next(6) == 0)
                .Select(d => new RelevantDocument(d, random.Next(4)))
                .ToArray()),
        ];
    }

    private static void AssertClose(double expected, double actual)
    {
        if (double.IsNaN(expected))
        {
            Assert.True(double.IsNaN(actual));
            return;
        }
        Assert.Equal(expected, actual, 1e-6);
    }

    private sealed class Pair
    {
        [Microsoft.ML.Data.VectorType(2)]
        public float[] Query { get; set; } = [1, 0];

        [Microsoft.ML.Data.VectorType(2)]
        public float[] Document { get; set; } = [1, 0.1f];
    }
}
