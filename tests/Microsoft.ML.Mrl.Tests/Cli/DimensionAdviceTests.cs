using Microsoft.ML.Mrl.Cli;

namespace Microsoft.ML.Mrl.Tests.Cli;

public sealed class DimensionAdviceTests
{
    [Fact]
    public void Describe_ShorterKeepsEnough_ChoosesTheSmallestByTheMeanOfBothMeasures()
    {
        // Means: .70, .79, .80, so 16 keeps 98.75 %, although its 1-NN accuracy alone keeps less.
        Comparison comparison = Of((8, .70, .70), (16, .82, .76), (32, .80, .80));

        Assert.Equal("Choose 16 dimensions: 98.8 % of the full width's accuracy in 64 bytes per vector (32: 128).", DimensionAdvice.Describe(comparison));
    }

    [Fact]
    public void Describe_NoneShorterKeepsEnough_SaysKeepAll() =>
        Assert.Equal(
            "Keep all 256 dimensions, 1,024 bytes per vector: none shorter keeps 98 % of the accuracy (128: 95.0 %).",
            DimensionAdvice.Describe(Of((8, .2, .2), (128, .76, .76), (256, .8, .8))));

    [Fact]
    public void Describe_OneDimension_SaysThereIsNothingToChoose() =>
        Assert.StartsWith("Only 8 dimensions were trained", DimensionAdvice.Describe(Of((8, .8, .8))), StringComparison.Ordinal);

    [Fact]
    public void Describe_NothingRight_AdvisesNothing() =>
        Assert.StartsWith("No dimension can be advised", DimensionAdvice.Describe(Of((8, 0, 0), (16, 0, 0))), StringComparison.Ordinal);

    [Fact]
    public void Table_ShowsAllSystemsInAtMost80Columns()
    {
        string[] lines = ComparisonTable.Text(Of((8, .5, .25), (1024, 1, 1))).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 1, 80));
        Assert.Equal(["dimensions", "centroid", "1-NN", "centroid", "1-NN", "centroid", "1-NN", "kept", "bytes"], Cells(lines[^3]));
        Assert.Equal(["8", "10.0", "20.0", "30.0", "40.0", "50.0", "25.0", "37.5", "%", "32"], Cells(lines[^2]));
        Assert.Equal(["1024", "10.0", "20.0", "30.0", "40.0", "100.0", "100.0", "100.0", "%", "4,096"], Cells(lines[^1]));
    }

    private static string[] Cells(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static Comparison Of(params (int Dimensions, double Centroid, double Neighbor)[] rows) =>
        new([.. rows.Select(row => new ComparisonRow(row.Dimensions, new(.1, .2), new(.3, .4), new(row.Centroid, row.Neighbor)))]);
}
