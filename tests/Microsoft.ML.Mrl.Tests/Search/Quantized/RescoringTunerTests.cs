using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Search.Quantized;

public class RescoringTunerTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(EmbeddingType.Binary, 24, 0.5)]
    [InlineData(EmbeddingType.Binary, 24, 0.9)]
    [InlineData(EmbeddingType.Int8, 7, 0.8)]
    [InlineData(EmbeddingType.Half, 12, 0.9)]
    public void Tune_TellsTheRecallThatThePlainWayHas_OnQueriesThatHadNoPart(EmbeddingType type, int dimensions, double recall)
    {
        float[][] documents = SampleVectors.Random(150, 24), queries = SampleVectors.Random(60, 24, 5);
        IDataView stored = SampleVectors.View(_ml, documents);
        var options = new FunnelTuningOptions { Top = 4, Recall = recall, MaxCandidates = 100 };

        FunnelTuning tuning = Tune(stored, SampleVectors.View(_ml, queries), options, type, dimensions);

        QuantizedVectors coarse = QuantizedVectors.Read(
            _ml.Transforms.QuantizeEmbedding("Q", "Embedding", type, dimensions).Fit(stored).Transform(stored), "Q");
        double Recall(int length, int first) => Enumerable.Range(0, 30).Select(i => queries[(2 * i) + first]).Average(query =>
        {
            int[] wanted = [.. Enumerable.Range(0, 150).OrderByDescending(i => SampleVectors.Cosine(query, documents[i])).Take(4)];
            IEnumerable<int> front = coarse.Search(query, length).Select(r => (int)r.Id)
                .OrderByDescending(i => SampleVectors.Cosine(query, documents[i])).Take(4);
            return front.Intersect(wanted).Count() / 4.0;
        });
        Assert.Equal((type, dimensions, 30), (tuning.Plan.Type, tuning.Plan.Dimensions, tuning.JudgedQueries));
        Assert.Equal(Recall(tuning.Plan.Candidates, 1), tuning.Recall, 10);
        Assert.True(tuning.RecallLowerBound < tuning.Recall);
        // The choosing queries are content.
        Assert.True(Recall(tuning.Plan.Candidates, 0) >= recall);
        Assert.Equal(tuning.RecallLowerBound >= recall, tuning.IsSure);
    }

    [Fact]
    public void Tune_WithQueriesEnough_ChoosesAListThatHoldsOnOthers_AndNoLongerThanNeeded()
    {
        IDataView stored = SampleVectors.View(_ml, SampleVectors.Random(500, 32));
        var options = new FunnelTuningOptions { Top = 5, Recall = 0.8 };

        FunnelTuning tuning = Tune(stored, SampleVectors.View(_ml, SampleVectors.Random(800, 32, 11)), options, EmbeddingType.Binary, 32);
        FunnelTuning others = Tune(stored, SampleVectors.View(_ml, SampleVectors.Random(800, 32, 12)), options, EmbeddingType.Binary, 32);
        FunnelTuning half = Tune(stored, SampleVectors.View(_ml, SampleVectors.Random(800, 32, 11)), options, EmbeddingType.Half, 32);

        Assert.True(tuning.IsSure && others.IsSure && half.IsSure);
        Assert.InRange(tuning.Plan.Candidates, 6, 250);
        Assert.InRange(others.Plan.Candidates, tuning.Plan.Candidates * 0.7, tuning.Plan.Candidates * 1.45);
        Assert.Equal(5, half.Plan.Candidates);
        Assert.Contains($"plan 32 x Binary, {tuning.Plan.Candidates} candidates finds", tuning.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            tuning.ToString(),
            Tune(stored, SampleVectors.View(_ml, SampleVectors.Random(800, 32, 11)), options, EmbeddingType.Binary, 32).ToString());
    }

    [Fact]
    public void Tune_WithFewQueries_SaysThatTheyAreTooFew()
    {
        FunnelTuning tuning = Tune(
            SampleVectors.View(_ml, SampleVectors.Random(40, 16)), SampleVectors.View(_ml, SampleVectors.Random(20, 16, 3)), null,
            EmbeddingType.Binary, 16);

        Assert.False(tuning.IsSure);
        Assert.True(tuning.MoreQueries > 0);
        Assert.Contains("more sample queries", tuning.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tune_WhereNothingIsEnough_IsTheLongestListAndSaysThatItMisses()
    {
        var options = new FunnelTuningOptions { MaxCandidates = 20 };

        FunnelTuning tuning = Tune(
            SampleVectors.View(_ml, SampleVectors.Random(400, 64)), SampleVectors.View(_ml, SampleVectors.Random(100, 64, 3)), options,
            EmbeddingType.Binary, 8);

        Assert.Equal(20, tuning.Plan.Candidates);
        Assert.False(tuning.IsSure);
        Assert.Null(tuning.MoreQueries);
        Assert.Contains("misses 99.00 %", tuning.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tune_WhatMakesNoSense_IsRefused()
    {
        IDataView stored = SampleVectors.View(_ml, SampleVectors.Random(30, 8)), none = SampleVectors.View(_ml, 8, []),
        narrow = SampleVectors.View(_ml, SampleVectors.Random(30, 4));
        Assert.Throws<InvalidOperationException>(() => Tune(stored, none, null, EmbeddingType.Binary, 8));
        Assert.Throws<InvalidOperationException>(() => Tune(none, stored, null, EmbeddingType.Binary, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tune(stored, narrow, null, EmbeddingType.Binary, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tune(stored, stored, null, EmbeddingType.Binary, 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tune(stored, stored, null, (EmbeddingType)9, 8));
        Assert.Throws<ArgumentException>(() => Tune(stored, stored, new FunnelTuningOptions { Top = 0 }, EmbeddingType.Binary, 8));
    }

    private FunnelTuning Tune(IDataView stored, IDataView asking, FunnelTuningOptions? options, EmbeddingType type, int dimensions)
        => _ml.Mrl().TuneRescoring(stored, asking, "Embedding", type, dimensions, options: options);
}
