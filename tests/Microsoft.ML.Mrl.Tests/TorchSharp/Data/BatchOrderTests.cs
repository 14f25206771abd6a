using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Data;

public class BatchOrderTests
{
    [Theory]
    [InlineData(1000, 32, 400)]
    [InlineData(96, 32, 60)]
    [InlineData(50, 7, 25)]
    public void Separate_FewEqualVectors_NoTwoInABatch(int rows, int batchSize, int distinct)
    {
        var random = new Random(1);
        int[] anchors = [.. Enumerable.Range(0, rows)];
        int[] positives = [.. Enumerable.Range(0, rows).Select(_ => rows + random.Next(distinct))];
        int[] order = [.. Enumerable.Range(0, rows)];
        random.Shuffle(order);
        int before = Conflicts(order);

        BatchOrder.Separate(order, batchSize, anchors, positives);

        Assert.Equal(Enumerable.Range(0, rows), order.Order());
        Assert.True(before > 0);
        // Only the last rows may have nowhere else to go.
        Assert.Equal(0, Conflicts(order[..(rows / batchSize * batchSize * 3 / 4)]));
        Assert.True(Conflicts(order) < before);

        int Conflicts(int[] sequence) => sequence.Chunk(batchSize)
            .Sum(batch => batch.Length - batch.Select(row => positives[row]).Distinct().Count());
    }

    [Fact]
    public void Separate_AnchorThatIsAnothersPositive_NotInOneBatch()
    {
        // Pairs and the same pairs turned around: rows 2k and 2k + 1.
        int[] anchors = [.. Enumerable.Range(0, 80)];
        int[] positives = [.. Enumerable.Range(0, 80).Select(i => i ^ 1)];
        int[] order = [.. Enumerable.Range(0, 80)];

        BatchOrder.Separate(order, 20, anchors, positives);

        Assert.All(order.Chunk(20), batch => Assert.Equal(batch.Length, batch.Select(row => row / 2).Distinct().Count()));
    }

    [Fact]
    public void Separate_NothingEqual_OrderStays()
    {
        int[] order = [4, 1, 3, 0, 2, 5];

        BatchOrder.Separate(order, 4, [0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]);

        Assert.Equal([4, 1, 3, 0, 2, 5], order);
    }

    [Theory]
    [InlineData(100, 8)]
    [InlineData(5, 8)]
    [InlineData(0, 8)]
    public void Separate_AllEqual_EveryRowOnce(int rows, int batchSize)
    {
        int[] order = [.. Enumerable.Range(0, rows)];

        BatchOrder.Separate(order, batchSize, new int[rows]);

        Assert.Equal(Enumerable.Range(0, rows), order.Order());
    }

    [Fact]
    public void Separate_SameOrderTwice_SameResult()
    {
        int[] numbers = [.. Enumerable.Range(0, 200).Select(i => i * i % 37)];
        int[] first = [.. Enumerable.Range(0, 200)];
        int[] second = [.. first];

        BatchOrder.Separate(first, 16, numbers);
        BatchOrder.Separate(second, 16, numbers);

        Assert.Equal(first, second);
    }
}
