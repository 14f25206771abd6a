using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Heads;

/// <summary>What heads of every kind promise.</summary>
public class EveryHeadTests
{
    // Below, at and above the kernel's steps of 8 and 64 outputs.
    public static TheoryData<string, int, int> Widths
    {
        get
        {
            var widths = new TheoryData<string, int, int>();
            foreach (string kind in (string[])["linear", "residual"])
            {
                foreach (
                    (int inputs, int outputs) in (
                        (int, int)[])[(1, 1), (1, 9), (9, 1), (3, 7), (5, 8), (16, 63), (17, 64), (20, 65), (33, 72), (12, 128), (40, 150),
                        (100, 203)])
                {
                    widths.Add(kind, inputs, outputs);
                }
            }
            foreach (int width in (int[])[1, 2, 7, 8, 63, 64, 65, 72, 150])
            {
                widths.Add("orthogonal", width, width);
            }
            return widths;
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Apply_DenseVector_EqualsThePlainLoop(string kind, int inputs, int outputs)
    {
        EmbeddingHead head = SampleHeads.Random(kind, inputs, outputs);

        foreach (float[] row in SampleVectors.Random(5, inputs))
        {
            SampleHeads.AssertIsApplied(head, row, SampleHeads.Apply(head, row, outputs));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Apply_ShorterPrefix_HasTheBitsOfTheFullResult(string kind, int inputs, int outputs)
    {
        EmbeddingHead head = SampleHeads.Random(kind, inputs, outputs);
        float[] row = SampleVectors.Random(1, inputs)[0];
        int[] full = SampleHeads.Bits(SampleHeads.Apply(head, row, outputs));

        for (int m = 1; m <= outputs; m++)
        {
            Assert.Equal(full[..m], SampleHeads.Bits(SampleHeads.Apply(head, row, m)));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Apply_SparseVector_HasTheBitsOfTheDenseOne(string kind, int inputs, int outputs)
    {
        EmbeddingHead head = SampleHeads.Random(kind, inputs, outputs);
        var random = new Random(11);
        for (int repeat = 0; repeat < 10; repeat++)
        {
            float[] row = SampleVectors.Random(1, inputs, repeat)[0];
            int[] kept = [.. Enumerable.Range(0, inputs).Where(_ => random.Next(3) == 0)];
            float[] dense = [.. row.Select((v, i) => kept.Contains(i) ? v : 0f)];

            Assert.Equal(
                SampleHeads.Bits(SampleHeads.Apply(head, dense, outputs)),
                SampleHeads.Bits(SampleHeads.ApplySparse(head, kept, [.. kept.Select(i => row[i])], outputs)));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void ApplyMany_HasTheBitsOfOneByOne(string kind, int inputs, int outputs)
    {
        EmbeddingHead head = SampleHeads.Random(kind, inputs, outputs);
        // A residual head takes 64 rows at once.
        foreach (int count in (int[])[0, 1, 2, 3, 4, 7, 65, 131])
        {
            float[][] rows = count == 0 ? [] : SampleVectors.Random(count, inputs, count);
            foreach (int m in (int[])[1, (outputs + 1) / 2, outputs])
            {
                var together = new float[count * m];
                head.ApplyMany([.. rows.SelectMany(r => r)], together);

                Assert.Equal(rows.SelectMany(r => SampleHeads.Bits(SampleHeads.Apply(head, r, m))), SampleHeads.Bits(together));
            }
        }
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("orthogonal")]
    [InlineData("residual")]
    public void Apply_NaN_ReachesEveryOutput(string kind)
    {
        EmbeddingHead head = SampleHeads.Random(kind, 70, 70);
        float[] row = new float[70];
        row[1] = float.NaN;

        Assert.All(SampleHeads.Apply(head, row, 70), v => Assert.True(float.IsNaN(v)));
        Assert.All(SampleHeads.ApplySparse(head, [1], [float.NaN], 70), v => Assert.True(float.IsNaN(v)));
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("orthogonal")]
    [InlineData("residual")]
    public async Task Apply_FromManyThreads_GivesTheSameBits(string kind)
    {
        EmbeddingHead head = SampleHeads.Random(kind, 40, 40);
        float[][] rows = SampleVectors.Random(200, 40);
        int[][] expected = [.. rows.Select(row => SampleHeads.Bits(SampleHeads.Apply(head, row, 40)))];

        int[][] got = await Task.WhenAll(rows.Select(row => Task.Run(() => SampleHeads.Bits(SampleHeads.Apply(head, row, 40)))));

        Assert.Equal(expected, got);
    }
}
