using Microsoft.ML.Mrl.Tests.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Objectives;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

/// <summary>Among what held-back inputs search for their positives, by plain loops over vectors.</summary>
public class PairsScoreTests
{
    private const int Width = 6;

    private static readonly MatryoshkaDimensions s_dimensions = [2, 4, Width];

    [Fact]
    public void Score_TrainingPositives_AreSearchedAmongToo()
    {
        (float[][] anchors, float[][] positives) = RandomPairs(120);
        int[] held = [.. Enumerable.Range(0, 120).Where(i => i % 6 == 0)], trained = [.. Enumerable.Range(0, 120).Where(i => i % 6 != 0)];

        double[] found = Score(anchors, positives, null, held, trained);

        Assert.Equal(Ranks(anchors, positives, held, [.. held, .. trained]), found, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.True(found[0] < Ranks(anchors, positives, held, held)[0] - 0.05);
    }

    [Fact]
    public void Score_TrainingPositiveIsAVectorThatIsHeldBack_IsNoOtherDocument()
    {
        (float[][] anchors, float[][] positives) = RandomPairs(40);
        int[] held = [.. Enumerable.Range(0, 10)], trained = [.. Enumerable.Range(10, 30)];
        // One is a right answer, one is a question itself, and two are the same.
        positives[10] = [.. positives[3]];
        positives[11] = [.. anchors[4]];
        positives[13] = [.. positives[12]];

        double[] found = Score(anchors, positives, null, held, trained);

        Assert.Equal(
            Ranks(anchors, positives, held, [.. held, .. trained.Where(row => row is not (10 or 11 or 13))]), found,
            (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Score_TrainingPositiveOfTheSameLabel_IsARightAnswer()
    {
        (float[][] anchors, float[][] positives) = RandomPairs(40);
        int[] held = [.. Enumerable.Range(0, 10)], trained = [.. Enumerable.Range(10, 30)];
        int[] labels = [.. Enumerable.Range(0, 40).Select(row => row % 10)];

        double[] found = Score(anchors, positives, labels, held, trained);

        Assert.Equal(Ranks(anchors, positives, held, [.. held, .. trained], labels), found, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Score_ManyTrainingRows_AtMostFiveThousandAreSearched()
    {
        (float[][] anchors, float[][] positives) = RandomPairs(12_000);
        int[] held = [.. Enumerable.Range(0, 100)], trained = [.. Enumerable.Range(100, 11_900)];
        var read = new List<int>();

        Score(anchors, positives, null, held, trained, read);

        Assert.InRange(read.Max(), 4_900, 5_000);
    }

    private static double[] Score(
        float[][] anchors, float[][] positives, int[]? labels, int[] held, int[] trained, List<int>? read = null)
    {
        var examples = new ExampleSet
        {
            Vectors = new Dictionary<VectorRole, VectorRows>
            {
                [VectorRole.Anchor] = RowsOf.Dense([.. anchors.SelectMany(row => row)], anchors.Length, Width),
                [VectorRole.Positive] = RowsOf.Dense([.. positives.SelectMany(row => row)], positives.Length, Width),
            },
            Labels = labels,
        };
        var objective = MrlObjective.Pairs(new PairsOptions
        {
            PositiveColumnName = "Positive", LabelColumnName = labels is null ? null : "Label",
        });
        using var loss = objective.CreateLoss(examples, s_dimensions);
        return objective.Score(examples, new ScoringRows(held, trained), new Given(anchors, positives, read ?? []), s_dimensions, loss);
    }

    /// <summary>MRR@10: how many of the searched are nearer than the nearest right answer.</summary>
    private static double[] Ranks(float[][] anchors, float[][] positives, int[] held, int[] searched, int[]? labels = null) =>
    [
        .. s_dimensions.Select(m => held.Average(row =>
        {
            bool IsRight(int other) => other == row || (labels is not null && labels[other] == labels[row]);
            double best = searched.Where(IsRight).Max(other => Cosine(anchors[row], positives[other], m));
            int rank = 1 + searched.Count(other => !IsRight(other) && Cosine(anchors[row], positives[other], m) > best);
            return rank <= 10 ? 1.0 / rank : 0;
        })),
    ];

    private static double Cosine(float[] left, float[] right, int m)
    {
        double dot = 0, ofLeft = 0, ofRight = 0;
        for (int i = 0; i < m; i++)
        {
            dot += left[i] * (double)right[i];
            ofLeft += left[i] * (double)left[i];
            ofRight += right[i] * (double)right[i];
        }
        return dot / Math.Sqrt(ofLeft * ofRight);
    }

    private static (float[][] Anchors, float[][] Positives) RandomPairs(int count)
    {
        var random = new Random(3);
        float[][] anchors = [.. Enumerable.Range(0, count).Select(_ => Row(_ => 0))];
        return (anchors, [.. anchors.Select(row => Row(i => row[i]))]);

        float[] Row(Func<int, float> near) => [.. Enumerable.Range(0, Width).Select(i => near(i) + (float)random.NextDouble() - 0.5f)];
    }

    /// <summary>The vectors as they are.</summary>
    private sealed class Given(float[][] anchors, float[][] positives, List<int> read) : IEmbeddingSource
    {
        public double Scale => 1;

        public Microsoft.ML.Mrl.Vectors.EmbeddingMatrix Read(VectorRole role, int[] rows)
        {
            read.Add(rows.Length);
            float[][] of = role == VectorRole.Anchor ? anchors : positives;
            return new(rows.SelectMany(row => of[row]).ToArray(), rows.Length, Width);
        }
    }
}
