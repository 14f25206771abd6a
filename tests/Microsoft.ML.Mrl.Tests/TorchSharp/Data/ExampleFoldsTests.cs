using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Data;

public class ExampleFoldsTests
{
    [Theory]
    [InlineData(100, 5)]
    [InlineData(23, 5)]
    [InlineData(31, 3)]
    public void Make_DistinctRows_EachIsHeldBackOnce(int rows, int folds)
    {
        ExampleSplit[] splits = ExampleFolds.Make(Set([.. Enumerable.Range(0, rows).Select(i => (float)i)]), folds, new Random(1));

        Assert.Equal(folds, splits.Length);
        Assert.Equal(Enumerable.Range(0, rows), splits.SelectMany(split => split.Validation).Order());
        Assert.All(splits, split =>
        {
            Assert.InRange(split.Validation.Length, rows / folds, rows / folds + 1);
            Assert.Equal(Enumerable.Range(0, rows), split.Training.Concat(split.Validation).Order());
            Assert.Equal(split.Training.Order(), split.Training);
        });
    }

    [Fact]
    public void Make_EqualInputs_InOneFold()
    {
        float[] values = [.. Enumerable.Range(0, 300).Select(i => (float)(i * 7 % 50))];

        Assert.All(ExampleFolds.Make(Set(values), 5, new Random(2)), split =>
        {
            Assert.NotEmpty(split.Validation);
            Assert.Empty(split.Training.Select(row => values[row]).Intersect(split.Validation.Select(row => values[row])));
        });
    }

    [Fact]
    public void Make_WithLabels_EveryClassThatIsHeldBackIsAlsoTrainedOn()
    {
        // Class 0 has 1 row, class 1 has 2, and so on.
        int[] labels = [.. Enumerable.Range(0, 9).SelectMany(c => Enumerable.Repeat(c, c + 1))];
        float[] values = [.. labels.Select((_, i) => (float)i)];
        for (int seed = 0; seed < 20; seed++)
        {
            ExampleSplit[] splits = ExampleFolds.Make(Set(values, labels), 5, new Random(seed));

            Assert.All(splits, split => Assert.Equal(Enumerable.Range(0, 9), split.Training.Select(row => labels[row]).Distinct().Order()));
            // The only row of class 0 is never held back, and every other row is.
            Assert.Equal(Enumerable.Range(1, labels.Length - 1), splits.SelectMany(split => split.Validation).Order());
        }
    }

    [Fact]
    public void Make_WithLabels_ClassesAreSpreadOverAllFolds()
    {
        int[] labels = [.. Enumerable.Range(0, 60).Select(i => i < 50 ? 0 : 1)];

        ExampleSplit[] splits = ExampleFolds.Make(Set([.. labels.Select((_, i) => (float)i)], labels), 5, new Random(3));

        Assert.All(splits, split => Assert.Equal(2, split.Validation.Count(row => labels[row] == 1)));
    }

    [Fact]
    public void Make_EveryClassOnce_NothingHeldBack() =>
        Assert.All(ExampleFolds.Make(Set([1, 2, 3, 4], [0, 1, 2, 3]), 2, new Random(5)), split => Assert.Empty(split.Validation));

    [Fact]
    public void Make_LabelsThatAreNotLearned_AllHeldBack()
    {
        ExampleSplit[] splits = ExampleFolds.Make(Set([1, 2, 3, 4], [0, 1, 2, 3], learnsLabels: false), 2, new Random(5));

        Assert.All(splits, split => Assert.Equal(2, split.Validation.Length));
    }

    [Fact]
    public void Make_PairsWithASideInCommon_InOneFold()
    {
        // Each positive has three inputs.
        float[] inputs = [.. Enumerable.Range(0, 90).Select(i => (float)i)], positives = [.. inputs.Select(i => 1000f + (int)(i / 3))];

        ExampleSplit[] splits = ExampleFolds.Make(Pairs(inputs, positives), 3, new Random(6));

        Assert.Equal(90, splits.Sum(split => split.Validation.Length));
        Assert.All(splits, split => Assert.Empty(
            split.Training.Select(row => positives[row]).Intersect(split.Validation.Select(row => positives[row]))));
    }

    [Fact]
    public void Make_AChainOfPairs_IsOneGroup()
    {
        // Rows 0 to 3: 1-2, 2-3, 4-3, 9-4. The others have nothing in common.
        float[] inputs = [1, 2, 4, 9, .. Enumerable.Range(100, 60).Select(i => (float)i)],
        positives = [2, 3, 3, 4, .. Enumerable.Range(300, 60).Select(i => (float)i)];

        ExampleSplit[] splits = ExampleFolds.Make(Pairs(inputs, positives), 3, new Random(7));

        Assert.Single(splits, split => split.Validation.Any(row => row < 4));
    }

    [Fact]
    public void Make_TwoPositivesForAll_OnlyEqualInputsStayTogether()
    {
        float[] inputs = [.. Enumerable.Range(0, 60).Select(i => (float)i)], positives = [.. inputs.Select(i => 1000 + i % 2)];

        Assert.All(ExampleFolds.Make(Pairs(inputs, positives), 3, new Random(8)), split => Assert.Equal(20, split.Validation.Length));
    }

    private static ExampleSet Pairs(float[] inputs, float[] positives) => new()
    {
        Vectors = new Dictionary<VectorRole, VectorRows>
        {
            [VectorRole.Anchor] = RowsOf.Dense(inputs, inputs.Length, 1), [VectorRole.Positive] = RowsOf.Dense(positives, inputs.Length, 1),
        },
    };

    private static ExampleSet Set(float[] values, int[]? labels = null, bool learnsLabels = true) => new()
    {
        Vectors = new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = RowsOf.Dense(values, values.Length, 1) },
        Labels = labels,
        LearnsLabels = learnsLabels,
        Classes = labels is null ? 0 : labels.Max() + 1,
    };
}
