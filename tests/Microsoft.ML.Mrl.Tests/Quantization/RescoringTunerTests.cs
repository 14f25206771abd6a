using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Quantization;

public class RescoringTunerTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(EmbeddingType.Binary, EmbeddingType.Float32, null)]
    [InlineData(EmbeddingType.Binary, EmbeddingType.Int8, null)]
    [InlineData(EmbeddingType.Int8, EmbeddingType.Float32, 7)]
    public void Tune_Recalls_AreThoseOfThePlainWay(EmbeddingType type, EmbeddingType fine, int? dimensions)
    {
        float[][] documents = Vectors.Random(150, 24), queries = Vectors.Random(30, 24, 5);
        IDataView stored = Vectors.View(_ml, documents);
        var options = new RescoringOptions { K = 4, Recall = 0.5, Type = type, RescoreType = fine, Dimensions = dimensions, MostFactor = 9 };

        RescoringTuning tuning = _ml.Mrl().TuneRescoring(stored, Vectors.View(_ml, queries), "Embedding", options: options);

        QuantizedVectors coarse = Quantized(stored, type, dimensions ?? 24);
        QuantizedVectors? second = fine == EmbeddingType.Float32 ? null : Quantized(stored, fine, 24);
        for (int f = 1; f <= 9; f++)
        {
            double recall = queries.Average(query =>
            {
                int[] wanted = [.. Enumerable.Range(0, 150).OrderByDescending(i => Vectors.Cosine(query, documents[i])).Take(4)];
                ScoredRow[] listed = coarse.Search(query, 4 * f);
                IEnumerable<int> front = second is null
                    ? listed.Select(r => r.Row).OrderByDescending(i => Vectors.Cosine(query, documents[i])).Take(4)
                    : second.Rescore(query, listed, 4).Select(r => r.Row);
                return front.Intersect(wanted).Count() / 4.0;
            });
            Assert.Equal(recall, tuning.Rows[f - 1].Recall, 10);
            Assert.Equal((f, 4 * f), (tuning.Rows[f - 1].Factor, tuning.Rows[f - 1].ShortList));
            Assert.True(tuning.Rows[f - 1].RecallLow < tuning.Rows[f - 1].Recall || tuning.Rows[f - 1].Recall == 0);
        }
        Assert.Equal(tuning.Rows.FirstOrDefault(r => r.Recall >= 0.5)?.Factor, tuning.ByEstimate);
        if (tuning.Factor is { } factor)
        {
            Assert.All(tuning.Rows.Skip(factor - 1), row => Assert.True(row.RecallLow >= 0.5));
            Assert.True(factor == 1 || tuning.Rows[factor - 2].RecallLow < 0.5);
        }
    }

    [Fact]
    public void Tune_WithQueriesEnough_ChoosesAFactorThatHoldsOnOthers()
    {
        IDataView stored = Vectors.View(_ml, Vectors.Random(500, 32));
        var options = new RescoringOptions { K = 5, Recall = 0.8, MostFactor = 40 };

        RescoringTuning tuning = _ml.Mrl().TuneRescoring(stored, Vectors.View(_ml, Vectors.Random(400, 32, 11)), "Embedding", options: options);
        RescoringTuning others = _ml.Mrl().TuneRescoring(stored, Vectors.View(_ml, Vectors.Random(400, 32, 12)), "Embedding", options: options);

        int factor = Assert.NotNull(tuning.Factor);
        Assert.True(others.Rows[factor - 1].Recall >= 0.8);
        Assert.True(factor >= tuning.ByEstimate);
        Assert.Contains($"Search for {factor} × 5 documents by binary and re-rank by float32", tuning.Summary, StringComparison.Ordinal);
        Assert.Equal(tuning.Rows, _ml.Mrl().TuneRescoring(stored, Vectors.View(_ml, Vectors.Random(400, 32, 11)), "Embedding", options: options).Rows);
    }

    [Fact]
    public void Tune_WithFewQueries_SaysThatTheyAreTooFew()
    {
        IDataView stored = Vectors.View(_ml, Vectors.Random(40, 16));

        RescoringTuning tuning = _ml.Mrl().TuneRescoring(stored, Vectors.View(_ml, Vectors.Random(20, 16, 3)), "Embedding");

        Assert.Null(tuning.Factor);
        Assert.NotNull(tuning.ByEstimate);
        Assert.Equal(1, tuning.Rows[^1].Recall);
        Assert.Equal(40, tuning.Rows[^1].ShortList);
        Assert.Contains("20 queries are too few to be sure", tuning.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Tune_WhereNothingIsEnough_SaysSo()
    {
        IDataView stored = Vectors.View(_ml, Vectors.Random(400, 64));

        RescoringTuning tuning = _ml.Mrl().TuneRescoring(stored, Vectors.View(_ml, Vectors.Random(100, 64, 3)), "Embedding", options: new RescoringOptions { Dimensions = 8, MostFactor = 2 });

        Assert.Null(tuning.Factor);
        Assert.Null(tuning.ByEstimate);
        Assert.Contains("Choose a finer type, more dimensions or a greater factor", tuning.Summary, StringComparison.Ordinal);
        Assert.Contains("| Factor |", tuning.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tune_WhatMakesNoSense_IsRefused()
    {
        IDataView stored = Vectors.View(_ml, Vectors.Random(10, 8)), none = Vectors.View(_ml, 8, []), narrow = Vectors.View(_ml, Vectors.Random(3, 4));
        MrlOperations mrl = _ml.Mrl();
        Assert.Throws<InvalidOperationException>(() => mrl.TuneRescoring(stored, none, "Embedding"));
        Assert.Throws<InvalidOperationException>(() => mrl.TuneRescoring(none, stored, "Embedding"));
        Assert.Throws<ArgumentOutOfRangeException>(() => mrl.TuneRescoring(stored, narrow, "Embedding"));
        Assert.Throws<ArgumentOutOfRangeException>(() => mrl.TuneRescoring(stored, stored, "Embedding", options: new RescoringOptions { Dimensions = 9 }));
        var e = Assert.Throws<ArgumentException>(() => mrl.TuneRescoring(stored, stored, "Embedding", options: new RescoringOptions { K = 0, Recall = 1, Confidence = 0, MostFactor = 0, Type = (EmbeddingType)7 }));
        Assert.All((string[])["K is 0", "Recall is 1", "Confidence is 0", "MostFactor is 0", "Type is 7"], part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Bound_OfManyDraws_ExceedsTheMeanNoOftenerThanAllowed()
    {
        var random = new Random(8);
        foreach (double mean in (double[])[0.5, 0.9, 0.98])
        {
            int above = 0;
            for (int i = 0; i < 400; i++)
            {
                double[] values = [.. Enumerable.Range(0, 80).Select(_ => random.NextDouble() < mean ? 1.0 : 0)];
                above += BettingBound.Lower(values, 0.9) > mean ? 1 : 0;
            }
            // 10 % of 400 and three standard deviations.
            Assert.True(above <= 40 + 18, $"{above} of 400 at {mean}");
        }
    }

    [Fact]
    public void Bound_GetsNearTheMeanWithMoreValues()
    {
        double[] some = [.. Enumerable.Range(0, 2000).Select(i => i % 10 == 0 ? 0.5 : 1)];

        Assert.InRange(BettingBound.Lower(some, 0.95), 0.94, 0.95);
        Assert.InRange(BettingBound.Lower(some.AsSpan(0, 100), 0.95), 0.88, 0.94);
        double[] ones = [.. Enumerable.Repeat(1.0, 66)];
        Assert.True(BettingBound.Lower(ones, 0.95) >= 0.95);
        Assert.True(BettingBound.Lower(ones.AsSpan(0, 65), 0.95) < 0.95);
        Assert.InRange(BettingBound.Lower(new double[50], 0.95), 0, 1e-12);
    }

    private QuantizedVectors Quantized(IDataView stored, EmbeddingType type, int dimensions)
        => QuantizedVectors.Read(_ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, dimensions).Fit(stored).Transform(stored), "Q");
}
