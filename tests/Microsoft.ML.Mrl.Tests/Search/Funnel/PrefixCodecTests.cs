using Microsoft.ML.Mrl.Search.Funnel;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

public class PrefixCodecTests
{
    [Fact]
    public void Search_RowWhosePrefixHasNoDirection_IsNotTakenForTheNearest()
    {
        const int Width = 32, Middle = 16;
        var random = new Random(3);
        float[] query = [.. Enumerable.Range(0, Width).Select(d => d < Middle ? random.NextSingle() - 0.5f : 0)];
        // As a direction, the first values of row 0 would be the query's own. Row 1 is near the query, and all others are anywhere.
        float[] rows =
        [
            .. query.Select((value, d) => d < Middle ? value * 1e-14f : 1),
            .. query.Select(value => value + (0.1f * random.NextSingle())),
            .. Enumerable.Range(0, 98 * Width).Select(_ => random.NextSingle() - 0.5f),
        ];
        var options =
            new FunnelIndexOptions { Plan = new FunnelPlan(
                8, EmbeddingType.Single, candidates: 50, expansion: 100, middleDimensions: Middle, middleCandidates: 1) };
        using FunnelIndex index = FunnelIndex.Build(rows, Width, options);

        Assert.Equal(1, Assert.Single(index.Search(query, 1)).Id);
    }

    [Theory]
    [InlineData(1.01e-12f, 0, 0, 0, true)]
    [InlineData(0.99e-12f, 0, 0, 0, false)]
    [InlineData(0.51e-12f, 0.51e-12f, 0.51e-12f, 0.51e-12f, true)]
    [InlineData(0.49e-12f, 0.49e-12f, 0.49e-12f, 0.49e-12f, false)]
    [InlineData(0.8e-12f, 0.5e-12f, 0, 0, false)]
    [InlineData(0.8e-12f, -0.7e-12f, 0, 0, true)]
    [InlineData(0, 0, 0, 0, false)]
    public void Scale_PrefixHasADirection_FromTenToTheMinusTwelveOn(float a, float b, float c, float d, bool expected) =>
        Assert.All(
            [EmbeddingType.Int8, EmbeddingType.Half, EmbeddingType.Single],
            type => Assert.Equal(expected, PrefixCodec.Scale(new[] { a, b, c, d }, type)));
}
