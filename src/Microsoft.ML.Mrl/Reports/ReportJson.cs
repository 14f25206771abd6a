using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Mrl.Reports;

/// <summary>Writes reports as JSON and reads them back.</summary>
internal static class ReportJson
{
    private const string ReportFormat = "mrl-dimension-report";
    private const string ComparisonFormat = "mrl-dimension-comparison";
    private const int Version = 1;

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

    public static DimensionComparison ReadComparison(string json) => Read(
        json, ComparisonFormat, root => new DimensionComparison([.. Member(root, "reports", JsonValueKind.Array).EnumerateArray().Select(ReadCheckedReport)]));

    internal static string Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            write(writer);
        }
        return Encoding.UTF8.GetString(stream.ToArray()).ReplaceLineEndings("\n");
    }

    internal static void WriteFormat(Utf8JsonWriter writer, string format)
    {
        writer.WriteString("format", format);
        writer.WriteNumber("version", Version);
    }

    /// <summary>What every report says before its rows.</summary>
    public static void WriteHead(
        Utf8JsonWriter writer, string system, string task, IReadOnlyList<string> metrics, string primaryMetric, int fullDimensions, int count, int skipped, string note)
    {
        writer.WriteString("system", system);
        writer.WriteString("task", task);
        writer.WriteStartArray("metrics");
        foreach (string metric in metrics)
        {
            writer.WriteStringValue(metric);
        }
        writer.WriteEndArray();
        writer.WriteString("primaryMetric", primaryMetric);
        writer.WriteNumber("fullDimensions", fullDimensions);
        writer.WriteNumber("count", count);
        writer.WriteNumber("skipped", skipped);
        writer.WriteString("note", note);
    }

    private static void WriteReport(Utf8JsonWriter writer, DimensionReport report)
    {
        writer.WriteStartObject();
        WriteFormat(writer, ReportFormat);
        WriteHead(writer, report.System, report.Task, report.Metrics, report.PrimaryMetric, report.FullDimensions, report.Count, report.Skipped, report.Note);
        writer.WriteStartArray("rows");
        foreach (DimensionRow row in report.Rows)
        {
            writer.WriteStartObject();
            writer.WriteNumber("dimensions", row.Dimensions);
            writer.WriteNumber("bytesPerVector", row.BytesPerVector);
            WriteNumber(writer, "shareOfFull", row.ShareOfFull);
            writer.WriteStartArray("values");
            foreach (string metric in report.Metrics)
            {
                WriteNumber(writer, null, row[metric]);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    internal static void WriteNumber(Utf8JsonWriter writer, string? name, double value)
    {
        if (name is not null)
        {
            writer.WritePropertyName(name);
        }
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    internal static T Read<T>(string json, string format, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            CheckFormat(document.RootElement, format);
            return read(document.RootElement);
        }
        // What the types below say no to is the file's fault here: a number out of range, a dimension named twice, two reports of one system.
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"Cannot read the JSON as {format}: {e.Message}", e);
        }
    }

    private static DimensionReport ReadCheckedReport(JsonElement report)
    {
        CheckFormat(report, ReportFormat);
        return ReadReport(report);
    }

    private static void CheckFormat(JsonElement root, string format)
    {
        string found = Text(root, "format");
        if (found != format)
        {
            throw new InvalidDataException($"Cannot read the JSON as {format}: it says that it is '{found}'.");
        }
        int version = Whole(root, "version");
        if (version != Version)
        {
            throw new InvalidDataException($"Cannot read the JSON as {format}: it is of version {version}, and {Version} is known.");
        }
    }

    private static DimensionReport ReadReport(JsonElement root)
    {
        string[] metrics = [.. Member(root, "metrics", JsonValueKind.Array).EnumerateArray().Select(metric => metric.GetString() ?? "")];
        string primary = Text(root, "primaryMetric");
        if (!metrics.Contains(primary) || metrics.Distinct().Count() < metrics.Length)
        {
            throw new InvalidDataException($"The primary metric '{primary}' must be one of the metrics, no two of which are equal: {string.Join(", ", metrics)}.");
        }
        var rows = new SortedDictionary<int, double[]>();
        foreach (JsonElement row in Member(root, "rows", JsonValueKind.Array).EnumerateArray())
        {
            double[] values = [.. Member(row, "values", JsonValueKind.Array).EnumerateArray().Select(Number)];
            if (values.Length != metrics.Length)
            {
                throw new InvalidDataException($"A row has {values.Length} values for {metrics.Length} metrics.");
            }
            rows.Add(Whole(row, "dimensions"), values);
        }
        var dimensions = new MatryoshkaDimensions(rows.Keys);
        int full = Whole(root, "fullDimensions"), count = Whole(root, "count"), skipped = Whole(root, "skipped");
        if (dimensions.Largest > full || count < 0 || skipped < 0)
        {
            throw new InvalidDataException($"Dimensions reach {dimensions.Largest} of {full}, with {count} rows and {skipped} skipped: numbers that cannot be.");
        }
        return new DimensionReport(Text(root, "task"), metrics, primary, dimensions, [.. rows.Values], full, count, skipped, Text(root, "note"))
            .WithSystem(Text(root, "system"));
    }

    internal static JsonElement Member(JsonElement parent, string name, JsonValueKind kind)
        => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement member) && member.ValueKind == kind
            ? member
            : throw new InvalidDataException($"The JSON has no member '{name}' of kind {kind} where one must be.");

    internal static string Text(JsonElement parent, string name) => Member(parent, name, JsonValueKind.String).GetString()!;

    internal static int Whole(JsonElement parent, string name) => Member(parent, name, JsonValueKind.Number).GetInt32();

    internal static double Number(JsonElement element) => element.ValueKind == JsonValueKind.Null ? double.NaN : element.GetDouble();
}
