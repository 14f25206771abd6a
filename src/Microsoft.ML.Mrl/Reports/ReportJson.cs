using System.Text;
using System.Text.Json;
using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl.Reports;

/// <summary>Writes reports and comparisons as JSON and reads them back.</summary>
internal static class ReportJson
{
    private const string ReportFormat = "mrl-dimension-report";
    private const string ComparisonFormat = "mrl-dimension-comparison";

    // Version 1 had no types, and called the name a system.
    private const int Version = 2;

    public static string Write(DimensionReport report) => Write(writer => WriteReport(writer, report));

    public static string Write(DimensionComparison comparison) => Write(writer =>
    {
        writer.WriteStartObject();
        WriteFormat(writer, ComparisonFormat);
        writer.WriteStartArray("reports");
        foreach (DimensionReport report in comparison.Reports)
        {
            WriteReport(writer, report);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    public static DimensionReport ReadReport(string json) => Read(json, ReportFormat, ReadReport);

    public static DimensionComparison ReadComparison(string json) => Read(json, ComparisonFormat, root => new DimensionComparison(
        [.. Member(root, "reports", JsonValueKind.Array).EnumerateArray().Select(report =>
        {
            CheckFormat(report, ReportFormat);
            return ReadReport(report);
        })]));

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            write(writer);
        }
        return Encoding.UTF8.GetString(stream.ToArray()).ReplaceLineEndings("\n");
    }

    private static void WriteFormat(Utf8JsonWriter writer, string format)
    {
        writer.WriteString("format", format);
        writer.WriteNumber("version", Version);
    }

    private static void WriteReport(Utf8JsonWriter writer, DimensionReport report)
    {
        writer.WriteStartObject();
        WriteFormat(writer, ReportFormat);
        writer.WriteString("name", report.Name);
        writer.WriteString("task", report.Task);
        writer.WriteStartArray("metrics");
        foreach (string metric in report.Metrics)
        {
            writer.WriteStringValue(metric);
        }
        writer.WriteEndArray();
        writer.WriteString("primaryMetric", report.PrimaryMetric);
        writer.WriteNumber("fullDimensions", report.FullDimensions);
        writer.WriteNumber("count", report.Count);
        writer.WriteNumber("skipped", report.Skipped);
        writer.WriteString("note", report.Note);
        writer.WriteStartArray("rows");
        foreach (DimensionRow row in report.Rows)
        {
            writer.WriteStartObject();
            writer.WriteString("type", EmbeddingTypes.Name(row.Type));
            writer.WriteNumber("dimensions", row.Dimensions);
            writer.WriteNumber("bytesPerVector", row.BytesPerVector);
            writer.WritePropertyName("shareOfFull");
            WriteNumber(writer, row.ShareOfFull);
            writer.WriteStartArray("values");
            foreach (string metric in report.Metrics)
            {
                WriteNumber(writer, row[metric]);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static T Read<T>(string json, string format, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            CheckFormat(document.RootElement, format);
            return read(document.RootElement);
        }
        // What the types below refuse is the file's fault here: a number out of range, a dimension named twice, two reports of one name.
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"Cannot read the JSON as {format}: {e.Message}", e);
        }
    }

    private static void CheckFormat(JsonElement root, string format)
    {
        string found = Text(root, "format");
        if (found != format)
        {
            throw new InvalidDataException($"Cannot read the JSON as {format}: its format is '{found}'.");
        }
        int version = Whole(root, "version");
        if (version != Version)
        {
            throw new InvalidDataException(
                $"Cannot read the JSON as {format}: it is of version {version}, and only version {Version} can be read. " +
                "Evaluate again and save the new report.");
        }
    }

    private static DimensionReport ReadReport(JsonElement root)
    {
        string[] metrics = [.. Member(root, "metrics", JsonValueKind.Array).EnumerateArray().Select(metric => metric.GetString() ?? "")];
        string primary = Text(root, "primaryMetric");
        if (!metrics.Contains(primary) || metrics.Distinct().Count() < metrics.Length)
        {
            throw new InvalidDataException(
                $"The primary metric '{primary}' must be one of the metrics, and no two metrics may be equal. " +
                $"Found: {string.Join(", ", metrics)}.");
        }
        var rows = new Dictionary<(EmbeddingType Type, int Dimensions), double[]>();
        foreach (JsonElement row in Member(root, "rows", JsonValueKind.Array).EnumerateArray())
        {
            double[] values = [.. Member(row, "values", JsonValueKind.Array).EnumerateArray().Select(Number)];
            if (values.Length != metrics.Length)
            {
                throw new InvalidDataException($"A row has {values.Length} values for {metrics.Length} metrics.");
            }
            rows.Add((ReadType(Text(row, "type")), Whole(row, "dimensions")), values);
        }
        EmbeddingType[] types = [.. rows.Keys.Select(key => key.Type).Distinct().OrderDescending()];
        var dimensions = new MatryoshkaDimensions(rows.Keys.Select(key => key.Dimensions).Distinct());
        if (rows.Count != types.Length * dimensions.Count || types[^1] != EmbeddingType.Single)
        {
            throw new InvalidDataException(
                $"Found {rows.Count} rows for {types.Length} types at {dimensions.Count} dimensions. " +
                "Every type, float32 among them, must have a row for each dimension.");
        }
        int full = Whole(root, "fullDimensions"), count = Whole(root, "count"), skipped = Whole(root, "skipped");
        if (dimensions.Largest > full || count < 0 || skipped < 0)
        {
            throw new InvalidDataException(
                $"The largest dimension is {dimensions.Largest} of {full}, " +
                $"with {count} rows and {skipped} skipped: these numbers cannot be right.");
        }
        return new DimensionReport(
            Text(root, "task"),
            metrics,
            primary,
            dimensions,
            [.. types.SelectMany(type => dimensions.Select(m => rows[(type, m)]))],
            full,
            count,
            skipped,
            Text(root, "note"),
            types: types)
            .WithName(Text(root, "name"));
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
        throw new InvalidDataException(
            $"The type '{name}' is unknown. Known are {string.Join(", ", Enum.GetValues<EmbeddingType>().Select(EmbeddingTypes.Name))}.");
    }

    private static JsonElement Member(JsonElement parent, string name, JsonValueKind kind)
        => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement member) && member.ValueKind == kind
            ? member
            : throw new InvalidDataException($"The JSON has no member '{name}' of kind {kind}, which a report must have.");

    private static string Text(JsonElement parent, string name) => Member(parent, name, JsonValueKind.String).GetString()!;

    private static int Whole(JsonElement parent, string name) => Member(parent, name, JsonValueKind.Number).GetInt32();

    private static double Number(JsonElement element) => element.ValueKind == JsonValueKind.Null ? double.NaN : element.GetDouble();
}
