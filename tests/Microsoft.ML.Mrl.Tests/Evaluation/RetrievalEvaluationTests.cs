using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Evaluation;

public sealed class RetrievalEvaluationTests
{
    [Fact]
    public void Evaluate_AnyJudgements_AgreesWithSlowLoops()
        => CsCheck.Check.Sample(
            SampleMatrices.Sizes(130),
            size =>
            {
                int queryCount = Math.Min(size.Rows, 12);
                EmbeddingMatrix queries = SampleMatrices.Awkward(size.Seed, queryCount, size.Width);
                EmbeddingMatrix documents = SampleMatrices.Awkward(size.Seed + 1, size.Others, size.Width);
                RelevantDocument[][] relevance = Judgements(size.Seed, queryCount, size.Others);
                MatryoshkaDimensions dimensions = SampleMatrices.SomeDimensions(size.Seed, size.Width);

                DimensionReport report = RetrievalEvaluation.Evaluate(queries, documents, relevance, dimensions);

                int[] used = [.. Enumerable.Range(0, queryCount).Where(q => relevance[q].Any(r => r.Grade > 0))];
                Assert.Equal(used.Length, report.Count);
                Assert.Equal(queryCount - used.Length, report.Skipped);
                foreach (int m in dimensions)
                {
                    int[][] ranked = [.. used.Select(q => SlowEvaluation.Rank(queries, q, documents, dimensions, m))];
                    double Mean(Func<int[], RelevantDocument[], double> metric)
                        => used.Length == 0 ? double.NaN : used.Select((q, i) => metric(ranked[i], relevance[q])).Average();
                    foreach (int k in new[] { 1, 10, 100 }.Where(k => k <= size.Others))
                    {
                        AssertClose(Mean((list, relevant) => SlowEvaluation.RecallAt(list, relevant, k)), report[m][$"Recall@{k}"]);
                    }
                    AssertClose(Mean(SlowEvaluation.Ndcg), report[m]["nDCG@10"]);
                    AssertClose(Mean(SlowEvaluation.ReciprocalRank), report[m]["MRR@10"]);
                }
            },
            iter: 60);

    [Fact]
    public void Evaluate_ManyRelevantDocumentsAmongMany_AgreesWithSlowLoops()
    {
        // So many documents that the best are kept for some queries, while others have their relevant documents' ranks counted.
        const int count = 30_000;
        EmbeddingMatrix documents = SampleMatrices.Awkward(1, count, 6);
        EmbeddingMatrix queries = SampleMatrices.Awkward(2, 4, 6);
        MatryoshkaDimensions dimensions = new(3, 6);
        var random = new Random(3);
        RelevantDocument[][] relevance =
        [
            .. new[] { 1, 15, 40, 500 }.Select(size => Enumerable.Range(0, size)
                .Select(i => new RelevantDocument((i * (count / size)) + random.Next(count / size), 1 + random.Next(3)))
                .ToArray()),
        ];
        // The nearest documents are relevant too, so that something is found.
        for (int q = 0; q < 4; q++)
        {
            int[] nearest = SlowEvaluation.Rank(queries, q, documents, dimensions, 6);
            relevance[q] = [.. relevance[q].Append(new RelevantDocument(nearest[3 + q], 2)).DistinctBy(r => r.Document)];
        }
        DimensionReport report = RetrievalEvaluation.Evaluate(queries, documents, relevance, dimensions);

        foreach (int m in dimensions)
        {
            int[][] ranked = [.. Enumerable.Range(0, 4).Select(q => SlowEvaluation.Rank(queries, q, documents, dimensions, m))];
            AssertClose(ranked.Select((list, q) => SlowEvaluation.RecallAt(list, relevance[q], 100)).Average(), report[m]["Recall@100"]);
            AssertClose(ranked.Select((list, q) => SlowEvaluation.Ndcg(list, relevance[q])).Average(), report[m]["nDCG@10"]);
            AssertClose(ranked.Select((list, q) => SlowEvaluation.ReciprocalRank(list, relevance[q])).Average(), report[m]["MRR@10"]);
        }
    }

    [Fact]
    public void Evaluate_GradedJudgements_UsesTheGradeAsGain()
    {
        // Ranked 0, 1, 2 with grades 1, 3, 0: DCG = 1 + 3 / log2 3, best = 3 + 1 / log2 3.
        DimensionReport report = RetrievalEvaluation.Evaluate(
            SampleMatrices.Of([1, 0]),
            SampleMatrices.Of([1, 0], [1, 0.5f], [0, 1]),
            [[new RelevantDocument(0, 1), new RelevantDocument(1, 3)]],
            new MatryoshkaDimensions(2));
        double log3 = Math.Log2(3);
        Assert.Equal((1 + (3 / log3)) / (3 + (1 / log3)), report[2]["nDCG@10"], 1e-12);
        Assert.Equal(0.5, report[2]["Recall@1"], 1e-12);
        Assert.Equal(["Recall@1", "nDCG@10", "MRR@10"], report.Metrics);
    }

    [Fact]
    public void Evaluate_EqualDocuments_RanksTheEarlierFirst()
    {
        EmbeddingMatrix documents = SampleMatrices.Of([1, 1], [1, 1], [1, 1]);
        RelevantDocument[][] relevance = [[new RelevantDocument(2, 1)]];
        Assert.Equal(
            1 / 3.0,
            RetrievalEvaluation.Evaluate(SampleMatrices.Of([1, 0]), documents, relevance, new MatryoshkaDimensions(2))[2]["MRR@10"], 1e-12);
    }

    [Fact]
    public void Evaluate_ZeroQuery_RanksByRow()
    {
        DimensionReport report = RetrievalEvaluation.Evaluate(
            SampleMatrices.Of([0, 0]), SampleMatrices.Of([1, 1], [-1, 2], [0, 0]), [[new RelevantDocument(1, 1)]],
            new MatryoshkaDimensions(1, 2));
        Assert.Equal(0.5, report[1]["MRR@10"]);
        Assert.Equal(0.5, report[2]["MRR@10"]);
    }

    [Fact]
    public void Evaluate_RelevantDocumentThatIsNotThere_StillCountsAsOneToFind()
    {
        DimensionReport report = RetrievalEvaluation.Evaluate(
            SampleMatrices.Of([1, 0]), SampleMatrices.Of([1, 0], [0, 1]), [[new RelevantDocument(0, 1), new RelevantDocument(-1, 1)]],
            new MatryoshkaDimensions(2));
        Assert.Equal(0.5, report[2]["Recall@1"]);
        Assert.True(report[2]["nDCG@10"] < 1);
    }

    [Fact]
    public void Evaluate_OneDocumentOneQuery_IsPerfect()
    {
        DimensionReport report = RetrievalEvaluation.Evaluate(
            SampleMatrices.Of([1, 0]), SampleMatrices.Of([0.5f, 1]), [[new RelevantDocument(0, 2)]], new MatryoshkaDimensions(2));
        Assert.Equal(1, report.Score);
        Assert.Equal(1, report[2]["Recall@1"]);
    }

    [Fact]
    public void Evaluate_OneThreadOrMany_GivesTheSameNumbers()
    {
        EmbeddingMatrix documents = SampleMatrices.Random(1, 500, 48);
        EmbeddingMatrix queries = SampleMatrices.Random(2, 200, 48);
        RelevantDocument[][] relevance = Judgements(3, 200, 500);
        MatryoshkaDimensions dimensions = MatryoshkaDimensions.HalvedFrom(48, 2);
        DimensionReport one = RetrievalEvaluation.Evaluate(queries, documents, relevance, dimensions, threads: 1);
        DimensionReport many = RetrievalEvaluation.Evaluate(queries, documents, relevance, dimensions, threads: 8);
        foreach (DimensionRow row in one.Rows)
        {
            Assert.All(one.Metrics, metric => Assert.Equal(row[metric], many[row.Dimensions][metric], 0.0));
        }
    }

    [Fact]
    public void EvaluatePairs_RepeatedDocumentsAndQueries_AreFolded()
    {
        // The document of rows 0 and 1 is one document; the query of rows 1 and 2 is one query with two documents.
        DimensionReport report = PairedRetrieval.Evaluate(
            SampleMatrices.Of([1, 0], [1, 1], [1, 1]), SampleMatrices.Of([1, 0.1f], [1, 0.1f], [0, 1]), new MatryoshkaDimensions(2));
        Assert.Equal(2, report.Count);
        Assert.Equal(0, report.Skipped);
        Assert.Equal((1 + 0.5) / 2, report[2]["Recall@1"]);
        Assert.Equal(1, report[2]["nDCG@10"], 1e-12);
    }

    [Fact]
    public void EvaluatePairs_Groups_AnyDocumentOfTheGroupIsRelevant()
    {
        // Query 0 finds document 1 first, then its own; they are of one group. Query 2 finds document 1 before its own, and is of another.
        EmbeddingMatrix queries = SampleMatrices.Of([1, 0], [0.9f, 0.1f], [1, 0.3f]),
        documents = SampleMatrices.Of([1, 0.5f], [1, 0.1f], [-1, 1]);

        DimensionReport alone = PairedRetrieval.Evaluate(queries, documents, new MatryoshkaDimensions(2));
        DimensionReport grouped = PairedRetrieval.Evaluate(queries, documents, new MatryoshkaDimensions(2), groups: [7, 7, 9]);

        Assert.Equal((0.5 + 1 + 1.0 / 3) / 3, alone[2]["MRR@10"], 1e-12);
        Assert.Equal((1 + 1 + 1.0 / 3) / 3, grouped[2]["MRR@10"], 1e-12);
    }

    [Fact]
    public void EvaluatePairs_MoreDocumentsThanQueries_AreSearchedAmongToo()
    {
        // The third document is nearer to query 0 than its own; the fourth is equal to that of query 1, and so no other document.
        EmbeddingMatrix queries = SampleMatrices.Of([1, 0], [0, 1]),
        documents = SampleMatrices.Of([1, 0.5f], [0.1f, 1], [1, 0.2f], [0.1f, 1]);

        DimensionReport report = PairedRetrieval.Evaluate(queries, documents, new MatryoshkaDimensions(2));
        DimensionReport grouped = PairedRetrieval.Evaluate(queries, documents, new MatryoshkaDimensions(2), groups: [7, 9, 7, 8]);

        Assert.Equal((0.5 + 1) / 2, report[2]["MRR@10"], 1e-12);
        Assert.Equal(1, grouped[2]["MRR@10"], 1e-12);
    }

    private static RelevantDocument[][] Judgements(int seed, int queries, int documents)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, queries).Select(_ => Enumerable.Range(-1, documents + 1)
                .Where(_ => random.Next(Math.Max(2, documents / 4)) == 0)
                .Select(d => new RelevantDocument(d, random.Next(4)))
                .ToArray()),
        ];
    }

    private static void AssertClose(double expected, double actual)
    {
        Assert.Equal(double.IsNaN(expected), double.IsNaN(actual));
        if (!double.IsNaN(expected))
        {
            Assert.Equal(expected, actual, 1e-6);
        }
    }
}
