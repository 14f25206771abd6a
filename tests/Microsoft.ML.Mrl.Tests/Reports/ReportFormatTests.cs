using System.Globalization;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.TorchSharp.Training;

namespace Microsoft.ML.Mrl.Tests.Reports;

public sealed class ReportFormatTests
{
    private static readonly DimensionReport s_report = new DimensionReport(
        "similarity", ["Spearman", "Pearson"], "Spearman", new MatryoshkaDimensions(8, 100), [[0.1 + 0.2, double.NaN], [0.5, -0.25]], 100,
        40, 2, "2 without a score")
        .WithName("a \"b\", c");

    [Fact]
    public void ToCsv_AnyCulture_QuotesNamesAndLeavesNaNEmpty()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        foreign.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = foreign;
            Assert.Equal(
                "Name,Task,Type,Dimensions,BytesPerVector,Spearman,Pearson,ShareOfFull\r\n" +
                "\"a \"\"b\"\", c\",similarity,float32,8,32,0.30000000000000004,,0.6000000000000001\r\n" +
                "\"a \"\"b\"\", c\",similarity,float32,100,400,0.5,-0.25,1\r\n",
                s_report.ToCsv());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void FromJson_WhatToJsonWrote_IsTheSameToTheLastBit()
    {
        DimensionReport read = DimensionReport.FromJson(s_report.ToJson());
        Assert.Equal(s_report.ToJson(), read.ToJson());
        Assert.Equal(s_report.ToString(), read.ToString());
        Assert.Equal(s_report.Name, read.Name);
        Assert.Equal(s_report.Note, read.Note);
        Assert.Equal((40, 2, 100), (read.Count, read.Skipped, read.FullDimensions));
        Assert.Equal(0.1 + 0.2, read[8]["Spearman"]);
        Assert.True(double.IsNaN(read[8]["Pearson"]));
        Assert.Equal(s_report[8].ShareOfFull, read[8].ShareOfFull);
    }

    [Fact]
    public void FromJson_Comparison_IsTheSame()
    {
        var comparison = new DimensionComparison(s_report, s_report.WithName("数据 </script>\u2028"));
        DimensionComparison read = DimensionComparison.FromJson(comparison.ToJson());
        Assert.Equal(comparison.ToJson(), read.ToJson());
        Assert.Equal("数据 </script>\u2028", read.Reports[1].Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"format\":\"mrl-dimension-report\",\"version\":2}")]
    [InlineData("{\"format\":\"mrl-dimension-comparison\",\"version\":2,\"reports\":[]}")]
    public void FromJson_SomethingElse_IsInvalidData(string json)
    {
        Assert.Throws<InvalidDataException>(() => DimensionReport.FromJson(json));
        Assert.Throws<InvalidDataException>(() => DimensionComparison.FromJson(json));
    }

    [Theory]
    [InlineData("\"version\": 2", "\"version\": 1", "it is of version 1, and only version 2 can be read")]
    [InlineData("mrl-dimension-report", "mrl-quantization-report", "its format is 'mrl-quantization-report'")]
    [InlineData("\"type\": \"float32\"", "\"type\": \"int4\"", "The type 'int4' is unknown")]
    [InlineData("\"type\": \"float32\"", "\"type\": \"int8\"", "float32 among them")]
    [InlineData("\"dimensions\": 100", "\"dimensions\": 8", "same key")]
    [InlineData("\"dimensions\": 100", "\"dimensions\": 0", "not a prefix length")]
    [InlineData("\"dimensions\": 100", "\"dimensions\": 101", "these numbers cannot be right")]
    [InlineData("\"dimensions\": 100", "\"dimensions\": 1e99", "Cannot read the JSON")]
    [InlineData("\"primaryMetric\": \"Spearman\"", "\"primaryMetric\": \"F1\"", "must be one of the metrics")]
    [InlineData("-0.25", "-0.25, 1", "3 values for 2 metrics")]
    [InlineData("-0.25", "\"x\"", "Cannot read the JSON")]
    [InlineData("\"count\": 40", "\"count\": -1", "these numbers cannot be right")]
    [InlineData("\"rows\"", "\"lines\"", "no member 'rows'")]
    [InlineData("\"name\": \"a \\u0022b\\u0022, c\"", "\"name\": \"\"", "Cannot read the JSON")]
    public void FromJson_ChangedReport_SaysWhatIsWrong(string from, string to, string message)
    {
        string json = s_report.ToJson();
        Assert.Contains(from, json, StringComparison.Ordinal);
        var error = Assert.Throws<InvalidDataException>(() => DimensionReport.FromJson(json.Replace(from, to, StringComparison.Ordinal)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToMarkdown_HostileSystem_StaysOneCell()
    {
        var comparison = new DimensionComparison(s_report.WithName("a|b\n<script>`*"), s_report.WithName("c"));
        string[] lines = comparison.ToMarkdown().Split('\n');
        Assert.Contains(@"a\|b &lt;script&gt;\`\*", lines[2], StringComparison.Ordinal);
        Assert.All(lines[2..7], line => Assert.Equal(5, line.Replace(@"\|", "", StringComparison.Ordinal).Count(c => c == '|')));
    }

    [Fact]
    public void ToString_Comparison_IsATableOfThePrimaryMetric()
    {
        DimensionReport other = new DimensionReport(
            "similarity", ["Spearman"], "Spearman", new MatryoshkaDimensions(8, 16), [[0.1], [0.3]], 16, 40).WithName("other");
        Assert.Equal(
            """
            similarity: Spearman over 40 pairs
            Dimensions  Bytes       x   other
                     8     32  0.3000  0.1000
                    16     64       -  0.3000
                   100    400  0.5000       -
                  Mean         0.4000  0.2000

            """,
            new DimensionComparison(s_report.WithName("x"), other).ToString());
    }

    [Fact]
    public void Comparison_ReportsThatDoNotCompare_AreRefused()
    {
        var other = new DimensionReport("retrieval", ["MRR@10"], "MRR@10", new MatryoshkaDimensions(8), [[1]], 8, 40);
        Assert.StartsWith(
            "No reports", Assert.Throws<ArgumentException>(() => new DimensionComparison()).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Cannot compare MRR@10 of retrieval with Spearman of similarity",
            Assert.Throws<ArgumentException>(() => new DimensionComparison(s_report, other)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "2 reports have the name 'a \"b\", c'",
            Assert.Throws<ArgumentException>(() => new DimensionComparison(s_report, s_report)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => new DimensionComparison(s_report, null!));
    }
}
