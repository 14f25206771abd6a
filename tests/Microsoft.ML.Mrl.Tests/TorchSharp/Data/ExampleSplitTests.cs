using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Data;

public class ExampleSplitTests
{
    [Theory]
    [InlineData(100, 0.1, 10)]
    [InlineData(99, 0.5, 49)]
    [InlineData(10, 0.1, 1)]
    [InlineData(10, 0, 0)]
    [InlineData(9, 0.1, 0)]
    [InlineData(2, 0.5, 0)]
    [InlineData(3, 0.5, 1)]
    [InlineData(1, 0.9, 0)]
    [InlineData(0, 0.5, 0)]
    public void Make_DistinctRows_HoldsBackTheShare(int rows, double fraction, int held)
    {
        ExampleSplit split = ExampleSplit.Make(Set([.. Enumerable.Range(0, rows).Select(i => (float)i)]), fraction, new Random(1));

        Assert.Equal(held, split.Validation.Length);
        Assert.Equal(Enumerable.Range(0, rows), split.Training.Concat(split.Validation).Order());
        Assert.Equal(split.Training.Order(), split.Training);
        Assert.Equal(split.Validation.Order(), split.Validation);
    }

    [Fact]
    public void Make_EqualInputs_OnOneSide()
    {
        float[] values = [.. Enumerable.Range(0, 300).Select(i => (float)(i * 7 % 50))];

        ExampleSplit split = ExampleSplit.Make(Set(values), 0.3, new Random(2));

        Assert.NotEmpty(split.Validation);
        Assert.Empty(split.Training.Select(row => values[row]).Intersect(split.Validation.Select(row => values[row])));
    }

    [Fact]
    public void Make_ZeroAndMinusZero_AreEqualInputs()
    {
        float[] values = [.. Enumerable.Range(0, 40).Select(i => i < 20 ? 0f : -0f)];

        Assert.Empty(ExampleSplit.Make(Set(values), 0.5, new Random(3)).Validation);
    }

    [Fact]
    public void Make_AllRowsEqual_NothingHeldBack()
    {
        ExampleSplit split = ExampleSplit.Make(Set(new float[20]), 0.5, new Random(4));

        Assert.Equal(20, split.Training.Length);
        Assert.Empty(split.Validation);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public void Make_WithLabels_EveryClassKeepsATrainingRow(double fraction)
    {
        // Class 0 has 1 row, class 1 has 2, and so on; inputs repeat across classes.
        int[] labels = [.. Enumerable.Range(0, 12).SelectMany(c => Enumerable.Repeat(c, c + 1))];
        float[] values = [.. labels.Select((_, i) => (float)(i % 60))];
        for (int seed = 0; seed < 20; seed++)
        {
            ExampleSplit split = ExampleSplit.Make(Set(values, labels), fraction, new Random(seed));

            Assert.Equal(Enumerable.Range(0, 12), split.Training.Select(row => labels[row]).Distinct().Order());
            Assert.NotEmpty(split.Validation);
        }
    }

    [Fact]
    public void Make_EveryClassOnce_NothingHeldBack()
    {
        Assert.Empty(ExampleSplit.Make(Set([1, 2, 3, 4], [0, 1, 2, 3]), 0.5, new Random(5)).Validation);
    }

    [Fact]
    public void Make_LabelsThatAreNotLearned_DoNotKeepRowsBack()
    {
        ExampleSet examples = Set([1, 2, 3, 4], [0, 1, 2, 3], learnsLabels: false);

        Assert.Equal(2, ExampleSplit.Make(examples, 0.5, new Random(5)).Validation.Length);
    }

    [Fact]
    public void Make_SameSeed_SameSplit_AnotherSeedAnother()
    {
        ExampleSet examples = Set([.. Enumerable.Range(0, 200).Select(i => (float)i)]);

        int[] first = ExampleSplit.Make(examples, 0.2, new Random(6)).Validation;

        Assert.Equal(first, ExampleSplit.Make(examples, 0.2, new Random(6)).Validation);
        Assert.NotEqual(first, ExampleSplit.Make(examples, 0.2, new Random(7)).Validation);
    }

    [Fact]
    public void Make_PairsWithASideInCommon_OnOneSideWhicheverItIs()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            float[] inputs = [.. Enumerable.Range(0, 400).Select(_ => (float)random.Next(700))];
            float[] positives = [.. Enumerable.Range(0, 400).Select(_ => (float)random.Next(700))];

            ExampleSplit split = ExampleSplit.Make(EqualRowsTests.Pairs(inputs, positives), 0.1, random);

            Assert.InRange(split.Validation.Length, 20, 40);
            Assert.Equal(Enumerable.Range(0, 400), split.Training.Concat(split.Validation).Order());
            Assert.Empty(SidesOf(split.Training).Intersect(SidesOf(split.Validation)));

            IEnumerable<float> SidesOf(int[] rows) => rows.SelectMany(row => new[] { inputs[row], positives[row] });
        }
    }

    [Fact]
    public void Make_TwoPositivesForAll_OnlyEqualInputsStayTogetherAndTheLogSaysSo()
    {
        // Each input is there twice, with a positive of its own and one of two that all share.
        float[] inputs = [.. Enumerable.Range(0, 200).Select(i => (float)(i / 2))];
        float[] positives = [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? 5_000f + i : 1_000f + i / 2 % 2)];
        var lines = new List<string>();
        var context = new MLContext();
        context.Log += (_, e) => lines.Add(e.RawMessage);
        ExampleSplit split;
        using (var log = new MrlLog(((IHostEnvironment)context).Register("test"), "test"))
        {
            split = ExampleSplit.Make(EqualRowsTests.Pairs(inputs, positives), 0.1, new Random(8), log);
        }

        Assert.Equal(20, split.Validation.Length);
        Assert.Empty(split.Training.Select(row => inputs[row]).Intersect(split.Validation.Select(row => inputs[row])));
        Assert.Single(
            lines, line => line.StartsWith("100 of 200 pairs hang together by sides that they have in common", StringComparison.Ordinal));
    }

    [Fact]
    public void Make_OneLargeGroupAndManySmall_TheSmallAreHeldBack()
    {
        // Nine of ten rows share a positive; the others have nothing in common.
        float[] inputs = [.. Enumerable.Range(0, 1_000).Select(i => (float)i)];
        float[] positives = [.. inputs.Select(i => i < 900 ? 5_000f : 6_000f + i)];

        ExampleSplit split = ExampleSplit.Make(EqualRowsTests.Pairs(inputs, positives), 0.05, new Random(9));

        Assert.Equal(50, split.Validation.Length);
        Assert.All(split.Validation, row => Assert.InRange(row, 900, 999));
    }

    [Fact]
    public void Make_PairsWithLabels_EveryClassKeepsATrainingRowAndNoSideIsOnBoth()
    {
        int[] labels = [.. Enumerable.Range(0, 300).Select(i => i % 40)];
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            float[] inputs = [.. Enumerable.Range(0, 300).Select(_ => (float)random.Next(600))];
            float[] positives = [.. Enumerable.Range(0, 300).Select(_ => 1_000f + random.Next(600))];
            ExampleSet pairs = EqualRowsTests.Pairs(inputs, positives);

            var split = ExampleSplit.Make(
                new ExampleSet { Vectors = pairs.Vectors, Labels = labels, Classes = 40 }, 0.2, random);

            Assert.NotEmpty(split.Validation);
            Assert.Equal(40, split.Training.Select(row => labels[row]).Distinct().Count());
            Assert.Empty(split.Training.Select(row => positives[row]).Intersect(split.Validation.Select(row => positives[row])));
        }
    }

    [Fact]
    public void HashOf_SparseRows_TellsPositionsApart()
    {
        var rows = new SparseRows([0, 1, 2, 3], [4, 4, 5], [1f, 1f, 1f], 2000);

        Assert.Equal(rows.HashOf(0), rows.HashOf(1));
        Assert.NotEqual(rows.HashOf(0), rows.HashOf(2));
    }

    private static ExampleSet Set(float[] values, int[]? labels = null, bool learnsLabels = true) => new()
    {
        Vectors = new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = RowsOf.Dense(values, values.Length, 1) },
        Labels = labels,
        LearnsLabels = learnsLabels,
        Classes = labels is null ? 0 : labels.Max() + 1,
    };
}
