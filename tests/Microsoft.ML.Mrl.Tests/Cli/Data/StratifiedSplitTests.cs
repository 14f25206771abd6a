using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Cli.Data;

public sealed class StratifiedSplitTests
{
    [Fact]
    public void Split_TakesTheSameShareOfEachLabel()
    {
        (IReadOnlyList<ExampleRow> training, IReadOnlyList<ExampleRow> test) = StratifiedSplit.Split(
            Rows(("a", 50), ("b", 25), ("c", 10)), 0.2, seed: 1);

        Assert.Equal([("a", 10), ("b", 5), ("c", 2)], test.CountBy(row => row.Label).Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(68, training.Count);
    }

    [Fact]
    public void Split_ManySmallLabels_ComesOutAtTheShareAndLeavesEachLabelToTrainOn()
    {
        (string, int)[] labels = [.. Enumerable.Range(0, 50).Select(i => ($"label {i:00}", 2))];

        (IReadOnlyList<ExampleRow> training, IReadOnlyList<ExampleRow> test) = StratifiedSplit.Split(Rows(labels), 0.2, seed: 1);

        Assert.InRange(test.Count, 19, 21);
        Assert.Equal(50, training.Select(row => row.Label).Distinct().Count());
    }

    [Fact]
    public void Split_LabelsOfOneRow_AreTrainedOnAndTakeNothingFromOthers()
    {
        (string, int)[] labels = [.. Enumerable.Range(0, 50).Select(i => ($"label {i:00}", 1)), ("z", 10)];

        Assert.InRange(StratifiedSplit.Split(Rows(labels), 0.2, seed: 1).Test.Count, 2, 3);
    }

    [Fact]
    public void Split_SameSeed_IsTheSameAndAnotherSeedIsNot()
    {
        ExampleRow[] rows = Rows(("a", 50), ("b", 50));

        Assert.Equal(StratifiedSplit.Split(rows, 0.2, seed: 1).Test, StratifiedSplit.Split(rows, 0.2, seed: 1).Test);
        Assert.NotEqual(StratifiedSplit.Split(rows, 0.2, seed: 1).Test, StratifiedSplit.Split(rows, 0.2, seed: 2).Test);
    }

    [Fact]
    public void Split_PutsEveryRowOnOneSide()
    {
        ExampleRow[] rows = Rows(("a", 13), ("b", 7), ("c", 1));

        (IReadOnlyList<ExampleRow> training, IReadOnlyList<ExampleRow> test) = StratifiedSplit.Split(rows, 0.2, seed: 3);

        Assert.Equal(rows.Select(row => row.Text).Order(), training.Concat(test).Select(row => row.Text).Order());
    }

    private static ExampleRow[] Rows(params (string Label, int Count)[] labels) =>
        [.. labels.SelectMany(
            label => Enumerable.Range(0, label.Count).Select(i => new ExampleRow { Label = label.Label, Text = $"{label.Label} {i}" }))];
}
