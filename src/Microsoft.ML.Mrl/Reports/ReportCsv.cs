using System.Globalization;
using System.Text;
using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl.Reports;

/// <summary>Writes reports as CSV, RFC 4180.</summary>
internal static class ReportCsv
{
    private static readonly char[] s_quoted = ['"', ',', '\r', '\n'];

    public static string Write(IReadOnlyList<DimensionReport> reports)
    {
        string[] metrics = [.. reports.SelectMany(report => report.Metrics).Distinct()];
        var text = new StringBuilder();
        Append(["Name", "Task", "Type", "Dimensions", "BytesPerVector", .. metrics, "ShareOfFull"]);
        foreach (DimensionReport report in reports)
        {
            foreach (DimensionRow row in report.Rows)
            {
                Append(
                [
                    report.Name,
                    report.Task,
                    EmbeddingTypes.Name(row.Type),
                    row.Dimensions.ToString(CultureInfo.InvariantCulture),
                    row.BytesPerVector.ToString(CultureInfo.InvariantCulture),
                    .. metrics.Select(metric => report.Metrics.Contains(metric) ? Number(row[metric]) : ""),
                    Number(row.ShareOfFull),
                ]);
            }
        }
        return text.ToString();

        void Append(IEnumerable<string> fields) => text.AppendJoin(',', fields.Select(Quote)).Append("\r\n");
    }

    private static string Number(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Quote(string field)
        => field.IndexOfAny(s_quoted) < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
