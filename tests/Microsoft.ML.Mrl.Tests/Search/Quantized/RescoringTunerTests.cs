using Microsoft.ML.Mrl.Search.Quantized;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Search.Quantized;

public class RescoringTunerTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(EmbeddingType.Binary, EmbeddingType.Single, null, null)]
    [InlineData(EmbeddingType.Binary, EmbeddingType.Int8, null, null)]
    [InlineData(EmbeddingType.Int8, EmbeddingType.Single, 7, null)]
    [InlineData(EmbeddingType.Binary, EmbeddingType.Single, 20, 12)]
    [InlineData(EmbeddingType.Binary, EmbeddingType.Int8, 12, 20)]
    public void Tune_Recalls_AreThoseOfThePlainWay(EmbeddingType type, EmbeddingType fine, int? dimensions, int? fineDimensions)
    {
        float[][] documents = SampleVectors.Random(150, 24), queries = SampleVectors.Random(30, 24, 5);
        IDataView stored = SampleVectors.View(_ml, documents);
        var options = new RescoringOptions { Top = 4, Recall = 0.5, RescoreType = fine, RescoreDimensions = fineDimensions, MaxFactor = 9 };

        RescoringTuning tuning = Tune(stored, SampleVectors.View(_ml, queries), options, type, dimensions ?? 24);

        QuantizedVectors coarse = Quantized(stored, type, dimensions ?? 24);
        QuantizedVectors? second = fine == EmbeddingType.Single ? null : Quantized(stored, fine, fineDimensions ?? 24);
        int m = fineDimensions ?? 24;
        for (int f = 1; f <= 9; f++)
        {
            double recall = queries.Average(query =>
            {
                int[] wanted = [.. Enumerable.Range(0, 150).OrderByDescending(i => SampleVectors.Cosine(query, documents[i])).Take(4)];
                SearchHit[] listed = coarse.Search(query, 4 * f);
                IEnumerable<int> front = second is null
                    ? listed.Select(r => (int)r.Id).OrderByDescending(i => SampleVectors.Cosine(query[..m], documents[i][..m])).Take(4)
                    : second.Rescore(query, listed, 4).Select(r => (int)r.Id);
                return front.Intersect(wanted).Count() / 4.0;
            });
            Assert.Equal(recall, tuning.Rows[f - 1].Recall, 10);
            Assert.Equal((f, 4 * f), (tuning.Rows[f - 1].Factor, tuning.Rows[f - 1].ShortList));
            Assert.True(tuning.Rows[f - 1].RecallLowerBound < tuning.Rows[f - 1].Recall || tuning.Rows[f - 1].Recall == 0);
        }
        Assert.Equal(tuning.Rows.FirstOrDefault(r => r.Recall >= 0.5)?.Factor, tuning.ByEstimate);
        if (tuning.Factor is { } factor)
        {
            Assert.All(tuning.Rows.Skip(factor - 1), row => Assert.True(row.RecallLowerBound >= 0.5));
            Assert.True(factor == 1 || tuning.Rows[factor - 2].RecallLowerBound < 0.5);
        }
    }

    [Fact]
    public void TuneGrid_EveryTypeAndDimension_IsThatOfATuningOfItsOwn()
    {
        IDataView stored = SampleVectors.View(_ml, SampleVectors.Random(300, 24)), asking = SampleVectors.View(_ml, SampleVectors.Random(120, 24, 5));
        var options = new RescoringOptions { Top = 4, Recall = 0.6, RescoreType = EmbeddingType.Half, MaxFactor = 20 };

        RescoringGrid grid = _ml.Mrl().TuneRescoring(stored, asking, "Embedding", [EmbeddingType.Binary, EmbeddingType.Int8], [6, 12, 24], options: options);

        Assert.Equal(6, grid.Tunings.Count);
        foreach (EmbeddingType type in new[] { EmbeddingType.Binary, EmbeddingType.Int8 })
        {
            foreach (int m in new[] { 6, 12, 24 })
            {
                RescoringTuning own = Tune(stored, asking, options, type, m);
                Assert.Equivalent(own.Rows, grid[type, m].Rows);
                Assert.Equal((own.Factor, own.ByEstimate, own.Summary), (grid[type, m].Factor, grid[type, m].ByEstimate, grid[type, m].Summary));
                Assert.Equal((m, type == EmbeddingType.Int8 ? m : (m + 7) / 8), (own.Dimensions, (int)own.BytesPerVector));
                Assert.Contains($"{(type == EmbeddingType.Int8 ? "int8" : "binary")} at {m} dimensions", own.Summary, StringComparison.Ordinal);
            }
        }
        RescoringTuning smallest = Assert.IsType<RescoringTuning>(grid.Smallest);
        Assert.All(grid.Tunings, tuning => Assert.True(tuning.Factor is null || tuning.BytesPerVector >= smallest.BytesPerVector));
        Assert.Contains(smallest.Summary, grid.Summary, StringComparison.Ordinal);
        Assert.Contains("| binary |", grid.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("was not tuned", Assert.Throws<KeyNotFoundException>(() => grid[EmbeddingType.Half, 6]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TuneGrid_WhereNothingIsEnough_SaysSo_AndWhatMakesNoSenseIsRefused()
    {
        IDataView stored = SampleVectors.View(_ml, SampleVectors.Random(100, 16)), asking = SampleVectors.View(_ml, SampleVectors.Random(10, 16, 5));
        MrlOperations mrl = _ml.Mrl();

        RescoringGrid grid = mrl.TuneRescoring(stored, asking, "Embedding", [EmbeddingType.Binary], [4], options: new RescoringOptions { MaxFactor = 2 });

        Assert.Null(grid.Smallest);
        Assert.Contains("No type and dimension reaches", grid.ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => mrl.TuneRescoring(stored, asking, "Embedding", [], [4]));
        Assert.Throws<ArgumentException>(() => mrl.TuneRescoring(stored, asking, "Embedding", [EmbeddingType.Half, EmbeddingType.Half], [4]));
        Assert.Throws<ArgumentException>(() => mrl.TuneRescoring(stored, asking, "Embedding", [(EmbeddingType)9], [4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => mrl.TuneRescoring(stored, asking, "Embedding", [EmbeddingType.Half], [4, 17]));
        Assert.Throws<ArgumentOutOfRangeException>(() => mrl.TuneRescoring(stored, asking, "Embedding", [EmbeddingType.Binary], [16], options: new RescoringOptions { RescoreDimensions = 17 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => mrl.TuneRescoring(stored, asking, "Embedding", [EmbeddingType.Binary], [16], options: new RescoringOptions { RescoreDimensions = 0 }));
    }

    [Fact]
    public void Tune_WithQueriesEnough_ChoosesAFactorThatHoldsOnOthers()
    {
        IDataView stored = SampleVectors.View(_ml, SampleVectors.Random(500, 32));
        var options = new RescoringOptions { Top = 5, Recall = 0.8, MaxFactor = 40 };

        RescoringTuning tuning = Tune(stored, SampleVectors.View(_ml, SampleVectors.Random(400, 32, 11)), options, EmbeddingType.Binary, 32);
        RescoringTuning others = Tune(stored, SampleVectors.View(_ml, SampleVectors.Random(400, 32, 12)), options, EmbeddingType.Binary, 32);

        int factor = Assert.NotNull(tuning.Factor);
        Assert.True(others.Rows[factor - 1].Recall >= 0.8);
        Assert.True(factor >= tuning.ByEstimate);
        Assert.Contains($"Search for {factor} × 5 documents by binary at 32 dimensions and re-rank by float32", tuning.Summary, StringComparison.Ordinal);
        Assert.Equivalent(tuning.Rows, Tune(stored, SampleVectors.View(_ml, SampleVectors.Random(400, 32, 11)), options, EmbeddingType.Binary, 32).Rows);
    }

    [Fact]
    public void Tune_WithFewQueries_SaysThatTheyAreTooFew()
    {
        IDataView stored = SampleVectors.View(_ml, SampleVectors.Random(40, 16));

        RescoringTuning tuning = Tune(stored, SampleVectors.View(_ml, SampleVectors.Random(20, 16, 3)), null, EmbeddingType.Binary, 16);

        Assert.Null(tuning.Factor);
        Assert.NotNull(tuning.ByEstimate);
        Assert.Equal(1, tuning.Rows[^1].Recall);
        Assert.Equal(40, tuning.Rows[^1].ShortList);
        Assert.Contains("20 queries are too few to be sure", tuning.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Tune_WhereNothingIsEnough_SaysSo()
    {
        IDataView stored = SampleVectors.View(_ml, SampleVectors.Random(400, 64));

        RescoringTuning tuning = Tune(stored, SampleVectors.View(_ml, SampleVectors.Random(100, 64, 3)), new RescoringOptions { MaxFactor = 2 }, EmbeddingType.Binary, 8);

        Assert.Null(tuning.Factor);
        Assert.Null(tuning.ByEstimate);
        Assert.Contains("Choose a finer type, more dimensions or a greater factor", tuning.Summary, StringComparison.Ordinal);
        Assert.Contains("| Factor |", tuning.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tune_WhatMakesNoSense_IsRefused()
    {
        IDataView stored = SampleVectors.View(_ml, SampleVectors.Random(10, 8)), none = SampleVectors.View(_ml, 8, []), narrow = SampleVectors.View(_ml, SampleVectors.Random(3, 4));
        MrlOperations mrl = _ml.Mrl();
        Assert.Throws<InvalidOperationException>(() => mrl.TuneRescoring(stored, none, "Embedding", [EmbeddingType.Binary], [8]));
        Assert.Throws<InvalidOperationException>(() => mrl.TuneRescoring(none, stored, "Embedding", [EmbeddingType.Binary], [8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => mrl.TuneRescoring(stored, narrow, "Embedding", [EmbeddingType.Binary], [4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => mrl.TuneRescoring(stored, stored, "Embedding", [EmbeddingType.Binary], [9]));
        var e = Assert.Throws<ArgumentException>(() => mrl.TuneRescoring(stored, stored, "Embedding", [EmbeddingType.Binary], [8], options: new RescoringOptions { Top = 0, Recall = 1, Confidence = 0, MaxFactor = 0, RescoreType = (EmbeddingType)7 }));
        Assert.All((string[])["Top is 0", "Recall is 1", "Confidence is 0", "MaxFactor is 0", "RescoreType is 7"], part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
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

    private RescoringTuning Tune(IDataView stored, IDataView asking, RescoringOptions? options, EmbeddingType type, int dimensions)
        => _ml.Mrl().TuneRescoring(stored, asking, "Embedding", [type], [dimensions], options: options).Tunings[0];

    private QuantizedVectors Quantized(IDataView stored, EmbeddingType type, int dimensions)
        => QuantizedVectors.Read(_ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, dimensions).Fit(stored).Transform(stored), "Q");
}
