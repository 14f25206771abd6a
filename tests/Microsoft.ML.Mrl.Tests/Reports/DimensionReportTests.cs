using System.Globalization;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Reports;

public sealed class DimensionReportTests
{
    [Fact]
    public void Rows_AscendingDimensions_CarryMetricsBytesAndShare()
    {
        DimensionReport report = Report();
        Assert.Equal([8, 16, 100], report.Rows.Select(row => row.Dimensions));
        Assert.Equal(0.25, report[8]["1-NN"]);
        Assert.Equal(0.5, report[8].ShareOfFull);
        Assert.Equal(1, report[100].ShareOfFull);
        Assert.Equal(32, report[8].BytesPerVector);
        Assert.Equal((0.25 + 0.4 + 0.5) / 3, report.Score, 1e-12);
        Assert.Equal("embedding", report.Name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void ShareOfFull_FullWidthIsZeroOrNaN_IsNaN(double full)
    {
        var report = new DimensionReport("similarity", ["Spearman"], "Spearman", new MatryoshkaDimensions(1, 2), [[0.5], [full]], 2, 10);
        Assert.All(report.Rows, row => Assert.True(double.IsNaN(row.ShareOfFull)));
    }

    [Fact]
    public void ShareOfFull_FullWidthNotEvaluated_IsNaN()
    {
        var report = new DimensionReport("similarity", ["Spearman"], "Spearman", new MatryoshkaDimensions(1, 2), [[0.5], [0.6]], 4, 10);
        Assert.All(report.Rows, row => Assert.True(double.IsNaN(row.ShareOfFull)));
        Assert.Contains("  -\n", report.ToString());
    }

    [Fact]
    public void Indexers_UnknownNames_SayWhatThereIs()
    {
        DimensionReport report = Report();
        Assert.Equal("No row for 9 dimensions. Evaluated were: 8, 16, 100.", Assert.Throws<KeyNotFoundException>(() => report[9]).Message);
        Assert.Equal(
            "No metric 'MRR' here. Choose one of: NearestCentroid, 1-NN.",
            Assert.Throws<KeyNotFoundException>(() => report[8]["MRR"]).Message);
    }

    [Fact]
    public void ToString_AnyCulture_IsAnAlignedTable()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        foreign.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = foreign;
            Assert.Equal(
                """
                embedding, classification: mean 1-NN 0.3833 over 40 rows, 2 skipped (2 without a label)
                Dimensions  Bytes  NearestCentroid    1-NN  Of full
                         8     32           0.1000  0.2500   50.0 %
                        16     64           0.2000  0.4000   80.0 %
                       100    400           0.3000  0.5000  100.0 %

                """,
                Report().ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void ToMarkdown_Report_IsATable()
        => Assert.Equal(
            """
            PCA, classification: mean 1-NN 0.3833 over 40 rows, 2 skipped (2 without a label)

            | Dimensions | Bytes | NearestCentroid |   1-NN | Of full |
            | ---------: | ----: | --------------: | -----: | ------: |
            |          8 |    32 |          0.1000 | 0.2500 |  50.0 % |
            |         16 |    64 |          0.2000 | 0.4000 |  80.0 % |
            |        100 |   400 |          0.3000 | 0.5000 | 100.0 % |

            """,
            Report().WithName("PCA").ToMarkdown());

    [Fact]
    public void WithName_Empty_Throws() => Assert.Throws<ArgumentException>(() => Report().WithName(" "));

    private static DimensionReport Report() => new(
        "classification",
        ["NearestCentroid", "1-NN"],
        "1-NN",
        new MatryoshkaDimensions(8, 16, 100),
        [[0.1, 0.25], [0.2, 0.4], [0.3, 0.5]],
        100,
        40,
        2,
        "2 without a label");
}
