using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Heads;

public class OrthogonalHeadTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(24)]
    [InlineData(150)]
    public void Apply_DenseAndSparse_KeepsLengthsAndCosines(int width)
    {
        OrthogonalHead head = SampleHeads.RandomOrthogonal(width, [width]);
        float[][] rows = SampleVectors.Random(12, width);
        int[] kept = [.. Enumerable.Range(0, width).Where(i => i % 2 == 1)];
        float[][] before = [.. rows, .. rows.Select(row => row.Select((v, i) => kept.Contains(i) ? v : 0f).ToArray())];
        float[][] after =
        [
            .. rows.Select(row => SampleHeads.Apply(head, row, width)),
            .. rows.Select(row => SampleHeads.ApplySparse(head, kept, [.. kept.Select(i => row[i])], width)),
        ];

        for (int i = 0; i < before.Length; i++)
        {
            Assert.Equal(1, SampleVectors.Dot(after[i], after[i]) / SampleVectors.Dot(before[i], before[i]), 1e-5);
            for (int j = 0; j < i; j++)
            {
                Assert.Equal(SampleVectors.Cosine(before[i], before[j]), SampleVectors.Cosine(after[i], after[j]), 1e-5);
            }
        }
    }

    [Fact]
    public void Create_MapThatIsNotOrthogonal_NamesTheRows()
    {
        AssertRefused([1, 0, 0, 1.5f], "row 1 has the squared length 2.25");
        AssertRefused([1, 0, 1, 0], "rows 0 and 1 have the dot product 1");
        AssertRefused([2, 0, 0, 2], "row 0 has the squared length 4");
        AssertRefused([1, 0, 0, 0], "row 1 has the squared length 0");
        AssertRefused([1e30f, 0, 0, 1], "row 0 has the squared length");
        AssertRefused([1, 0, 0.01f, 1], "rows 0 and 1 have the dot product 0.01");

        static void AssertRefused(float[] weights, string found)
        {
            var e = Assert.Throws<ArgumentException>(() => new OrthogonalHead(weights.AsSpan(), [2]));
            Assert.Equal("weights", e.ParamName);
            Assert.StartsWith($"The map is not orthogonal: {found}", e.Message, StringComparison.Ordinal);
            Assert.Contains(
                "Its rows must be at right angles and of length 1, to 0.001; a LinearHead takes any map.", e.Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Create_RotationsReflectionsAndRounding_Pass()
    {
        Assert.Equal(2, new OrthogonalHead([0, 1, 1, 0], [2]).InputDimensions);
        Assert.Equal(2, new OrthogonalHead([-1, 0, 0, 1.0004f], [1, 2]).OutputDimensions);
        Assert.Equal(1, new OrthogonalHead([-1], [1]).OutputDimensions);
    }

    [Fact]
    public void Create_NumbersThatMakeNoHead_Refuses()
    {
        Assert.Throws<ArgumentException>(() => new OrthogonalHead([1, 0], [1]));
        Assert.Throws<ArgumentException>(() => new OrthogonalHead([], [1]));
        Assert.Throws<ArgumentException>(() => new OrthogonalHead([1, 0, 0, float.NaN], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OrthogonalHead([1, 0, 0, 1], [3]));
        Assert.Throws<ArgumentNullException>(() => new OrthogonalHead([1, 0, 0, 1], null!));
    }

    [Fact]
    public void Create_CopiesItsNumbers()
    {
        float[] weights = [1, 0, 0, 1];
        var head = new OrthogonalHead(weights.AsSpan(), [2]);
        weights[0] = 9;

        Assert.Equal(1, head.Weights.Span[0]);
    }
}
