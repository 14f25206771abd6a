using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Data;

public class EqualRowsTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(200, 40)]
    [InlineData(200, 150)]
    [InlineData(200, 300)]
    [InlineData(300, 3_000)]
    public void ByBoth_RandomPairs_GroupsAreThoseOfPlainSearch(int rows, int different)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            float[] inputs = [.. Enumerable.Range(0, rows).Select(_ => (float)random.Next(different))];
            float[] positives = [.. Enumerable.Range(0, rows).Select(_ => (float)random.Next(different))];
            var equal = new EqualRows(Pairs(inputs, positives));

            Assert.True(equal.HasPositives);
            AssertGroups(Plain(rows, (a, b) =>
                inputs[a] == inputs[b] || positives[a] == positives[b] || inputs[a] == positives[b] || positives[a] == inputs[b]),
                equal.ByBoth());
            AssertGroups(Plain(rows, (a, b) => inputs[a] == inputs[b]), equal.ByInput());
        }
    }

    [Fact]
    public void ByBoth_WithoutPositives_IsByInput()
    {
        var equal = new EqualRows(Set((VectorRole.Anchor, [3, 1, 3, 2, 1, 3])));

        Assert.False(equal.HasPositives);
        AssertGroups([[0, 2, 5], [1, 4], [3]], equal.ByBoth());
        Assert.Equal(3, equal.ByBoth().Largest());
    }

    [Fact]
    public void ByBoth_NegativesAndTeachersInCommon_JoinNothing() => AssertGroups(
        [[0], [1], [2]],
        new EqualRows(Set(
            (VectorRole.Anchor, [1, 2, 3]), (VectorRole.Positive, [4, 5, 6]), (VectorRole.Negative, [7, 7, 5]),
            (VectorRole.Teacher, [8, 8, 8]))).ByBoth());

    [Fact]
    public void ByBoth_NoRows_NoGroups() => Assert.Equal(0, new EqualRows(Pairs([], [])).ByBoth().Count);

    [Fact]
    public void Constructor_ManyRows_ReadsEachHashOnceAndInOrder()
    {
        var (inputs, positives) = (new Counted(500, 0), new Counted(500, 1));
        var equal = new EqualRows(new ExampleSet
        {
            Vectors = new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = inputs, [VectorRole.Positive] = positives },
        });

        Assert.Equal(500, equal.ByInput().Count);
        Assert.Equal(500, equal.ByBoth().Count);

        Assert.Equal(Enumerable.Range(0, 500), inputs.Asked);
        Assert.Equal(Enumerable.Range(0, 500), positives.Asked);
    }

    [Fact]
    public void ByBoth_OneChainInAShuffledOrder_IsOneGroup()
    {
        const int Rows = 100_000;
        float[] links = [.. Enumerable.Range(0, Rows).Select(i => (float)i)];
        new Random(1).Shuffle(links);

        ExampleGroups groups = new EqualRows(Pairs(links, [.. links.Select(i => i + 1)])).ByBoth();

        Assert.Equal((1, Rows), (groups.Count, groups.Largest()));
    }

    /// <summary>Follows what is joined from each row that was not reached yet: slow and plain.</summary>
    internal static int[][] Plain(int rows, Func<int, int, bool> areJoined)
    {
        var groups = new List<int[]>();
        var reached = new bool[rows];
        for (int first = 0; first < rows; first++)
        {
            if (reached[first])
            {
                continue;
            }
            var group = new List<int> { first };
            reached[first] = true;
            for (int i = 0; i < group.Count; i++)
            {
                for (int row = 0; row < rows; row++)
                {
                    if (!reached[row] && areJoined(group[i], row))
                    {
                        reached[row] = true;
                        group.Add(row);
                    }
                }
            }
            groups.Add([.. group.Order()]);
        }
        return [.. groups];
    }

    internal static ExampleSet Pairs(float[] inputs, float[] positives) =>
        Set((VectorRole.Anchor, inputs), (VectorRole.Positive, positives));

    private static ExampleSet Set(params (VectorRole Role, float[] Values)[] columns) => new()
    {
        Vectors = columns.ToDictionary(c => c.Role, c => (VectorRows)RowsOf.Dense(c.Values, c.Values.Length, 1)),
    };

    private static void AssertGroups(int[][] expected, ExampleGroups groups) =>
        Assert.Equal(expected, Enumerable.Range(0, groups.Count).Select(group => groups[group].ToArray()));

    /// <summary>Rows that are all different, and remember who was asked for.</summary>
    private sealed class Counted(int count, int kind) : VectorRows(count, 1)
    {
        public List<int> Asked { get; } = [];

        public override int HashOf(int row)
        {
            Asked.Add(row);
            return (row * 2) + kind;
        }

        public override void CopyPrefix(int row, Span<float> destination) => throw new NotSupportedException();

        public override bool RowEquals(int row, VectorRows other, int otherRow) => throw new NotSupportedException();

        public override void Dispose()
        {
        }
    }
}
