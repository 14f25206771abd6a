using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Model;

public class LinearHeadTests
{
    // Below, at and above the kernel's steps of 8 and 64 outputs.
    public static TheoryData<int, int> Widths => new()
    {
        { 1, 1 }, { 1, 9 }, { 9, 1 }, { 3, 7 }, { 5, 8 }, { 16, 63 }, { 17, 64 }, { 20, 65 }, { 33, 72 }, { 12, 128 }, { 40, 150 }, { 100, 203 },
    };

    [Theory]
    [MemberData(nameof(Widths))]
    public void Apply_DenseVector_EqualsThePlainLoop(int inputs, int outputs)
    {
        LinearHead head = Heads.Random(inputs, outputs, [outputs]);

        foreach (float[] row in Vectors.Random(5, inputs))
        {
            Heads.AssertIsApplied(head, row, Apply(head, row, outputs));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Apply_ShorterPrefix_HasTheBitsOfTheFullResult(int inputs, int outputs)
    {
        LinearHead head = Heads.Random(inputs, outputs, [outputs]);
        float[] row = Vectors.Random(1, inputs)[0];
        int[] full = Heads.Bits(Apply(head, row, outputs));

        for (int m = 1; m <= outputs; m++)
        {
            Assert.Equal(full[..m], Heads.Bits(Apply(head, row, m)));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Apply_SparseVector_HasTheBitsOfTheDenseOne(int inputs, int outputs)
    {
        LinearHead head = Heads.Random(inputs, outputs, [outputs]);
        var random = new Random(11);
        for (int repeat = 0; repeat < 10; repeat++)
        {
            float[] row = Vectors.Random(1, inputs, repeat)[0];
            int[] kept = [.. Enumerable.Range(0, inputs).Where(_ => random.Next(3) == 0)];
            float[] dense = [.. row.Select((v, i) => kept.Contains(i) ? v : 0f)];

            Assert.Equal(Heads.Bits(Apply(head, dense, outputs)), Heads.Bits(ApplySparse(head, kept, [.. kept.Select(i => row[i])], outputs)));
        }
    }

    [Fact]
    public void Apply_ResultOfNegativeZero_IsTheSameZeroDenseAndSparse()
    {
        foreach (int outputs in (int[])[1, 8, 64, 73])
        {
            float[] bias = new float[outputs];
            Array.Fill(bias, -0f);
            var head = new LinearHead(new float[2 * outputs], bias, [outputs], null);

            Assert.Equal(Heads.Bits(Apply(head, [0, 0], outputs)), Heads.Bits(ApplySparse(head, [], [], outputs)));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void ApplyMany_HasTheBitsOfOneByOne(int inputs, int outputs)
    {
        LinearHead head = Heads.Random(inputs, outputs, [outputs]);
        foreach (int count in (int[])[0, 1, 2, 3, 4, 7])
        {
            float[][] rows = count == 0 ? [] : Vectors.Random(count, inputs, count);
            foreach (int m in (int[])[1, (outputs + 1) / 2, outputs])
            {
                var together = new float[count * m];
                head.ApplyMany([.. rows.SelectMany(r => r)], together);

                Assert.Equal(rows.SelectMany(r => Heads.Bits(Apply(head, r, m))), Heads.Bits(together));
            }
        }
    }

    [Fact]
    public void Apply_NaN_ReachesEveryOutput()
    {
        LinearHead head = Heads.Random(3, 70, [70]);

        Assert.All(Apply(head, [1, float.NaN, 2], 70), v => Assert.True(float.IsNaN(v)));
        Assert.All(ApplySparse(head, [1], [float.NaN], 70), v => Assert.True(float.IsNaN(v)));
    }

    [Fact]
    public void Apply_WidthThatDoesNotFit_NamesBoth()
    {
        LinearHead head = Heads.Random(3, 4, [4]);

        Assert.StartsWith("Cannot apply the head: the vector has 2 values, the head takes 3.", Assert.Throws<ArgumentException>(() => head.Apply([1, 2], new float[4])).Message, StringComparison.Ordinal);
        Assert.StartsWith("Cannot apply the head: room for 5 values was given, the head gives 1..4.", Assert.Throws<ArgumentException>(() => head.Apply([1, 2, 3], new float[5])).Message, StringComparison.Ordinal);
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
        LinearHead head = Heads.Random(3, 4, [4]);

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

    private static float[] Apply(EmbeddingHead head, float[] source, int width)
    {
        var result = new float[width];
        head.Apply(source, result);
        return result;
    }

    private static float[] ApplySparse(EmbeddingHead head, int[] indices, float[] values, int width)
    {
        var result = new float[width];
        head.Apply(indices, values, result);
        return result;
    }
}
