using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.Static;

/// <summary>Texts to train an encoder on, and a measure of it on others.</summary>
/// <param name="Name">The name.</param>
/// <param name="Metric">What is measured.</param>
/// <param name="Train">The rows to train on.</param>
/// <param name="Test">The rows to measure on.</param>
/// <param name="Objective">What to train for.</param>
internal sealed record TextTask(string Name, string Metric, TextExample[] Train, TextExample[] Test, MrlObjective Objective)
{
    private readonly MLContext _ml = new(1);

    /// <summary>Loads a task whose test rows are held back from the training part: every fourth, or the development pairs.</summary>
    public static TextTask LoadHeldBack(string name, string folder)
    {
        TextTask task = Load(name, folder);
        return name == "stsb" ? task with { Test = Pairs(folder, "dev") } : task with
        {
            Train = [.. task.Train.Where((_, i) => i % 4 != 3)],
            Test = [.. task.Train.Where((_, i) => i % 4 == 3)],
        };
    }

    public static TextTask Load(string name, string folder) => name switch
    {
        "banking77" =>
            new TextTask(
                "banking77", "NearestCentroid", Banking(folder, "train"), Banking(folder, "test"),
                MrlObjective.Classification(nameof(TextExample.Label))),
        "clinc150" =>
            new TextTask(
                "clinc150", "NearestCentroid", Clinc(folder, "train"), Clinc(folder, "test"),
                MrlObjective.Classification(nameof(TextExample.Label))),
        "stsb" =>
            new TextTask(
                "stsb", "Spearman", Pairs(folder, "train"), Pairs(folder, "test"),
                MrlObjective.ScoredPairs(nameof(TextExample.Other), nameof(TextExample.Score))),
        _ => throw new ArgumentException($"There is no task '{name}'. Choose banking77, clinc150 or stsb."),
    };

    /// <summary>All training texts.</summary>
    public IEnumerable<string> Texts => Name == "stsb" ? Train.SelectMany(row => new[] { row.Text, row.Other })
        : Train.Select(row => row.Text);

    public IDataView TrainView => _ml.Data.LoadFromEnumerable(Train);

    /// <summary>The value at each dimension.</summary>
    /// <param name="encoder">Makes the embeddings.</param>
    /// <param name="head">Maps them; null for nothing.</param>
    /// <param name="dimensions">Where to cut.</param>
    public double[] Measure(TextEncoder encoder, EmbeddingHead? head, MatryoshkaDimensions dimensions)
    {
        (IDataView train, IDataView test) = (Embed(Train), Embed(Test));
        DimensionReport report = Name == "stsb"
            ? _ml.Mrl().EvaluateSimilarity(test, "A", "B", nameof(TextExample.Score), dimensions)
            : _ml.Mrl().EvaluateClassification(test, "A", nameof(TextExample.Label), train, dimensions);
        return [.. report.Rows.Select(row => row[Metric])];

        IDataView Embed(TextExample[] rows)
        {
            IDataView view = _ml.Data.LoadFromEnumerable(rows);
            view = _ml.Transforms.EncodeText([new("A", nameof(TextExample.Text)), new("B", nameof(TextExample.Other))], encoder).Fit(view)
                .Transform(view);
            return head is null ? view : _ml.Transforms.ApplyEmbeddingHead(
                [new InputOutputColumnPair("A"), new InputOutputColumnPair("B")], head).Fit(view).Transform(view);
        }
    }

    /// <summary>The training rows with the embeddings of an encoder, for a head.</summary>
    public IDataView Embedded(TextEncoder encoder)
    {
        IDataView view = TrainView;
        return _ml.Transforms.EncodeText([new("A", nameof(TextExample.Text)), new("B", nameof(TextExample.Other))], encoder).Fit(view)
            .Transform(view);
    }

    /// <summary>The objective on embedded columns.</summary>
    public MrlObjective VectorObjective => Name == "stsb" ? MrlObjective.ScoredPairs("B", nameof(TextExample.Score)) : Objective;

    private static TextExample[] Banking(string folder, string part) =>
        [.. CsvFile.Read(Path.Combine(folder, "banking77", $"{part}.csv")).Skip(1)
            .Select(row => new TextExample { Text = row[0], Label = row[1] })];

    private static TextExample[] Clinc(string folder, string part)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "clinc150", "data_full.json")));
        return [.. document.RootElement.GetProperty(part).EnumerateArray()
            .Select(row => new TextExample { Text = row[0].GetString()!, Label = row[1].GetString()! })];
    }

    private static TextExample[] Pairs(string folder, string part) => [.. CsvFile.Read(Path.Combine(folder, "stsb", $"stsb-en-{part}.csv"))
        .Select(row => new TextExample { Text = row[0], Other = row[1], Score = float.Parse(row[2], CultureInfo.InvariantCulture) })];
}
