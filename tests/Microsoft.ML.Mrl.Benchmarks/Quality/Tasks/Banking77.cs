namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Questions to a bank and what they are about (Casanueva et al. 2020).</summary>
internal static class Banking77
{
    public static LabelledTask Load(string folder, VectorSource source, RowChoice rows) => new(
        "banking77", "questions by intent", Part("train", folder, source), Part("test", folder, source), source.Dimensions, rows,
        "NearestCentroid", "1-NN") { MeasuresTransfer = true };

    public static Example[] Part(string name, string folder, VectorSource source)
    {
        string[][] rows = [.. CsvFile.Read(Path.Combine(folder, "banking77", $"{name}.csv")).Skip(1)];
        float[][] vectors = source.Embed($"banking77-{name}", [.. rows.Select(row => row[0])]);
        return [.. rows.Select((row, i) => new Example { Vector = vectors[i], Label = row[1] })];
    }
}
