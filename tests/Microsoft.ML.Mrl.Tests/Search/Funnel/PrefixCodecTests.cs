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
    public void Round_PrefixHasADirection_FromTenToTheMinusTwelveOn(float a, float b, float c, float d, bool expected) =>
        Assert.All(
            [EmbeddingType.Int8, EmbeddingType.Half, EmbeddingType.Single],
            type => Assert.Equal(expected, new PrefixCodec(4, type).Round(new[] { a, b, c, d })));

    [Theory]
    [InlineData(8, 0.01)]
    [InlineData(16, 0.008)]
    [InlineData(50, 0.005)]
    [InlineData(384, 0.003)]
    [InlineData(1000, 0.002)]
    public void DotProductsOfSignedBytes_AreCosines_WhateverStandsOut(int dimensions, double usual)
    {
        var random = new Random(dimensions);
        // Even vectors, some whose first values are most of their length, and axes.
        float[][] vectors = [.. Enumerable.Range(0, 60).Select(row => Enumerable.Range(0, dimensions).Select(d => (row % 3) switch
        {
            0 => random.NextSingle() - 0.5f,
            1 => (random.NextSingle() - 0.5f) / (1 + (d * d)),
            _ => d == row * 7 % dimensions ? 5 : 0,
        }).ToArray())];
        var codec = new PrefixCodec(dimensions, EmbeddingType.Int8);
        sbyte[][] codes = [.. vectors.Select(vector =>
        {
            var target = new byte[codec.Bytes];
            Assert.True(codec.Write(vector.AsSpan().ToArray(), target));
            return Array.ConvertAll(target, code => (sbyte)code);
        })];
        double scale = codes.Where((_, row) => row % 3 == 0).Average(code => Dot(code, code)), squares = 0;

        for (int i = 0; i < vectors.Length; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double error = (Dot(codes[i], codes[j]) / scale) - SlowFunnel.Cosine(vectors[i], vectors[j], dimensions);
                Assert.InRange(error, -0.03, 0.03);
                squares += error * error;
            }
        }
        Assert.InRange(Math.Sqrt(squares / (vectors.Length * (vectors.Length + 1) / 2)), 0, usual);

        static double Dot(sbyte[] x, sbyte[] y) => x.Zip(y, (a, b) => a * b).Sum();
    }
}
