using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Heads;

public class ResidualHeadTests
{
    [Fact]
    public void Apply_SmallValues_AsByHand()
    {
        // y = x + (1, 2) · relu(x₀ − x₁ + 0.5) + (10, 0).
        var head = new ResidualHead([1, 0, 0, 1], [10, 0], [1, -1], [0.5f], [1, 2], [1, 2]);

        Assert.Equal([13.5f, 4], SampleHeads.Apply(head, [2, 1], 2));
        Assert.Equal([11f, 2], SampleHeads.Apply(head, [1, 2], 2));
        Assert.Equal([10.5f], SampleHeads.Apply(head, [0, 0], 1));
        Assert.Equal(1, head.HiddenDimensions);
    }

    [Fact]
    public void Create_NumbersThatMakeNoHead_Refuses()
    {
        Assert.Throws<ArgumentException>(() => Create(skip: [1, 2, 3]));
        Assert.Throws<ArgumentException>(() => Create(bias: []));
        Assert.Throws<ArgumentException>(() => Create(skip: []));
        Assert.Throws<ArgumentException>(() => Create(hiddenWeights: [1, 2, 3]));
        Assert.Throws<ArgumentException>(() => Create(hiddenWeights: [], hiddenBias: [], outputWeights: []));
        Assert.Throws<ArgumentException>(() => Create(outputWeights: [1]));
        Assert.Throws<ArgumentException>(() => Create(skip: [1, 0, 0, float.NaN]));
        Assert.Throws<ArgumentException>(() => Create(bias: [1, float.NegativeInfinity]));
        Assert.Throws<ArgumentException>(() => Create(hiddenWeights: [float.NaN, 1]));
        Assert.Throws<ArgumentException>(() => Create(hiddenBias: [float.NaN]));
        Assert.Throws<ArgumentException>(() => Create(outputWeights: [1, float.PositiveInfinity]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(trained: [3]));
        Assert.Equal(2, Create().OutputDimensions);

        static ResidualHead Create(
            float[]? skip = null, float[]? bias = null, float[]? hiddenWeights = null, float[]? hiddenBias = null,
            float[]? outputWeights = null, MatryoshkaDimensions? trained = null) =>
            new((skip ?? [1, 0, 0, 1]).AsSpan(), bias ?? [0, 0], hiddenWeights ?? [1, 1], hiddenBias ?? [0], outputWeights
                ?? [1, 1], trained ?? [2]);
    }
}
