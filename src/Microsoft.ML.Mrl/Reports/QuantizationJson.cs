using System.Text.Json;
using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl.Reports;

/// <summary>Writes quantization reports as JSON and reads them back.</summary>
internal static class QuantizationJson
{
    private const string Format = "mrl-quantization-report";

    public static string Write(QuantizationReport report) => ReportJson.Write(writer =>
    {
        writer.WriteStartObject();
        ReportJson.WriteFormat(writer, Format);
        ReportJson.WriteHead(writer, report.System, report.Task, report.Metrics, report.PrimaryMetric, report.FullDimensions, report.Count, report.Skipped, report.Note);
        writer.WriteStartArray("rows");
        foreach (QuantizationRow row in report.Rows)
        {
            writer.WriteStartObject();
            writer.WriteString("type", EmbeddingTypes.Name(row.Type));
            writer.WriteNumber("dimensions", row.Dimensions);
            writer.WriteNumber("bytesPerVector", row.BytesPerVector);
            ReportJson.WriteNumber(writer, "shareOfFull", row.ShareOfFull);
            writer.WriteStartArray("values");
            foreach (string metric in report.Metrics)
            {
                ReportJson.WriteNumber(writer, null, row[metric]);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    public static QuantizationReport Read(string json) => ReportJson.Read(json, Format, Read);

    private static QuantizationReport Read(JsonElement root)
    {
        string[] metrics = [.. ReportJson.Member(root, "metrics", JsonValueKind.Array).EnumerateArray().Select(metric => metric.GetString() ?? "")];
        string primary = ReportJson.Text(root, "primaryMetric");
        if (!metrics.Contains(primary) || metrics.Distinct().Count() < metrics.Length)
        {
            throw new InvalidDataException($"The primary metric '{primary}' must be one of the metrics, no two of which are equal: {string.Join(", ", metrics)}.");
        }
        var rows = new Dictionary<(EmbeddingType Type, int Dimensions), double[]>();
        foreach (JsonElement row in ReportJson.Member(root, "rows", JsonValueKind.Array).EnumerateArray())
        {
            double[] values = [.. ReportJson.Member(row, "values", JsonValueKind.Array).EnumerateArray().Select(ReportJson.Number)];
            if (values.Length != metrics.Length)
            {
                throw new InvalidDataException($"A row has {values.Length} values for {metrics.Length} metrics.");
            }
            rows.Add((ReadType(ReportJson.Text(row, "type")), ReportJson.Whole(row, "dimensions")), values);
        }
        EmbeddingType[] types = [.. rows.Keys.Select(key => key.Type).Distinct().OrderDescending()];
        var dimensions = new MatryoshkaDimensions(rows.Keys.Select(key => key.Dimensions).Distinct());
        int full = ReportJson.Whole(root, "fullDimensions"), count = ReportJson.Whole(root, "count"), skipped = ReportJson.Whole(root, "skipped");
        if (dimensions.Largest > full || count < 0 || skipped < 0 || rows.Count != types.Length * dimensions.Count || types[^1] != EmbeddingType.Float32)
        {
            throw new InvalidDataException(
                $"{rows.Count} rows of {types.Length} types at {dimensions.Count} dimensions reaching {dimensions.Largest} of {full}, with {count} rows and {skipped} skipped: every type, float32 among them, must have a row at every dimension.");
        }
        return new QuantizationReport(
            ReportJson.Text(root, "task"), metrics, primary, types, dimensions, [.. types.SelectMany(type => dimensions.Select(m => rows[(type, m)]))], full, count, skipped, ReportJson.Text(root, "note"))
            .WithSystem(ReportJson.Text(root, "system"));
    }

    private static EmbeddingType ReadType(string name)
    {
        foreach (EmbeddingType type in Enum.GetValues<EmbeddingType>())
        {
            if (EmbeddingTypes.Name(type) == name)
            {
                return type;
            }
        }
        throw new InvalidDataException($"The type '{name}' is not known: one of {string.Join(", ", Enum.GetValues<EmbeddingType>().Select(EmbeddingTypes.Name))} must be there.");
    }
}
