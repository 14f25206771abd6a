using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Heads;

public class LinearHeadTests
{
    [Fact]
    public void Apply_ResultOfNegativeZero_IsTheSameZeroDenseAndSparse()
    {
        foreach (int outputs in (int[])[1, 8, 64, 73])
        {
            float[] bias = new float[outputs];
            Array.Fill(bias, -0f);
            var head = new LinearHead(new float[2 * outputs], bias, [outputs], null);

            Assert.Equal(
                SampleHeads.Bits(SampleHeads.Apply(head, [0, 0], outputs)),
                SampleHeads.Bits(SampleHeads.ApplySparse(head, [], [], outputs)));
        }
    }

    [Fact]
    public void Apply_WidthThatDoesNotFit_NamesBoth()
    {
        LinearHead head = SampleHeads.Random(3, 4, [4]);

        Assert.StartsWith(
            "Cannot apply the head: the vector has 2 values, the head takes 3.",
            Assert.Throws<ArgumentException>(() => head.Apply([1, 2], new float[4])).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Cannot apply the head: room for 5 values was given, the head gives 1..4.",
            Assert.Throws<ArgumentException>(() => head.Apply([1, 2, 3], new float[5])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => head.Apply([1, 2, 3], []));
        Assert.Throws<ArgumentException>(() => head.ApplyMany([1, 2, 3, 4], new float[4]));
        Assert.Throws<ArgumentException>(() => head.ApplyMany([1, 2, 3, 4, 5, 6], new float[7]));
        Assert.Throws<ArgumentException>(() => head.ApplyMany([1, 2, 3, 4, 5, 6], new float[10]));
        Assert.Throws<ArgumentException>(() => head.ApplyMany([1, 2, 3, 4, 5, 6], []));
        Assert.Throws<ArgumentException>(() => head.ApplyMany([], new float[4]));
    }

    [Fact]
    public void Apply_IndicesThatDoNotAscendOrFit_Refuses()
    {
        LinearHead head = SampleHeads.Random(3, 4, [4]);

        Assert.Throws<ArgumentException>(() => head.Apply([1, 1], [1, 2], new float[4]));
        Assert.Throws<ArgumentException>(() => head.Apply([2, 1], [1, 2], new float[4]));
        Assert.Throws<ArgumentException>(() => head.Apply([0, 3], [1, 2], new float[4]));
        Assert.Throws<ArgumentException>(() => head.Apply([-1], [1], new float[4]));
        Assert.Throws<ArgumentException>(() => head.Apply([0], [1, 2], new float[4]));
    }

    [Fact]
    public void Create_NumbersThatMakeNoHead_Refuses()
    {
        Assert.Throws<ArgumentException>(() => new LinearHead([1, 2, 3], [1, 2], [2]));
        Assert.Throws<ArgumentException>(() => new LinearHead([], [], [1]));
        Assert.Throws<ArgumentException>(() => new LinearHead([1, float.NaN], [1, 2], [2]));
        Assert.Throws<ArgumentException>(() => new LinearHead([1, 2], [1, float.PositiveInfinity], [2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearHead([1, 2], [1, 2], [3]));
        Assert.Throws<ArgumentNullException>(() => new LinearHead([1, 2], [1, 2], null!));
    }

    [Fact]
    public void Create_CopiesItsNumbers()
    {
        float[] weights = [1, 2];
        var head = new LinearHead(weights.AsSpan(), [0f, 0f], [2]);
        weights[0] = 9;

        Assert.Equal(1, head.Weights.Span[0]);
    }
}
