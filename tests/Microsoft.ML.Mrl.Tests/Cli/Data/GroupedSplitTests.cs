using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Tests.Cli.Data;

public sealed class GroupedSplitTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Split_EqualInputs_AreOnOneSide(bool isText)
    {
        ExampleRow[] rows = [.. Enumerable.Range(0, 200).Select(
            i => isText ? new ExampleRow { Text = $"t{i % 70}" } : new ExampleRow { Vector = [i % 70, 1] })];

        (IReadOnlyList<ExampleRow> training, IReadOnlyList<ExampleRow> test) = GroupedSplit.Split(rows, 0.2, seed: 1);

        Assert.InRange(test.Count, 36, 40);
        Assert.Equal(200, training.Count + test.Count);
        Assert.Empty(training.Select(Key).Intersect(test.Select(Key)));

        string Key(ExampleRow row) => row.Text + string.Join(' ', row.Vector);
    }

    [Fact]
    public void Split_SameSeed_IsTheSameAndAnotherIsNot()
    {
        ExampleRow[] rows = [.. Enumerable.Range(0, 100).Select(i => new ExampleRow { Text = $"t{i}" })];

        Assert.Equal(GroupedSplit.Split(rows, 0.2, 1).Test, GroupedSplit.Split(rows, 0.2, 1).Test);
        Assert.NotEqual(GroupedSplit.Split(rows, 0.2, 1).Test, GroupedSplit.Split(rows, 0.2, 2).Test);
    }

    [Fact]
    public void Split_AllInputsEqual_TestsWithNone() =>
        Assert.Empty(GroupedSplit.Split([.. Enumerable.Range(0, 20).Select(_ => new ExampleRow { Text = "same" })], 0.2, 1).Test);
}
