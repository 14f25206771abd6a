using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Benchmarks.Quality.FewRows;

/// <summary>A task with few training rows, which the seed draws; measured on rows that are no test rows of any other table.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Rows">How many training rows, one size after the other.</param>
/// <param name="Load">Draws and loads it: rows, seed, data folder, encoder.</param>
internal sealed record FewRowsCase(string Name, int[] Rows, Func<int, int, string, VectorSource, QualityTask> Load)
{
    private const string Card = "card", Other = "other";

    private static readonly int[] s_usual = [100, 200, 500, 1000];

    public static readonly FewRowsCase[] All =
    [
        Task("banking77"), Task("clinc150"),
        new("stsb", s_usual, (rows, seed, folder, source) => StsBenchmark.LoadWithin(folder, source, Choice(rows, seed))),
        Task("optdigits"),
        new("utterances", [1152], Utterances),
        Relabelled("two", [100, 500], label => label.Contains(Card, StringComparison.Ordinal) ? Card : Other),
        Relabelled("rare", [200, 1000], label => label.StartsWith("top_up_", StringComparison.Ordinal) ? label : Other),
        new("tiny", [30], (rows, seed, folder, source) => QualityTask.Load("optdigits", folder, source, Choice(rows, seed))),
        new("singles", [77], Singles),
    ];

    private static RowChoice Choice(int rows, int seed) => new(rows, MeasuresHeldBack: true, seed);

    private static FewRowsCase Task(string name) =>
        new(name, s_usual, (rows, seed, folder, source) => QualityTask.Load(name, folder, source, Choice(rows, seed)));

    private static FewRowsCase Relabelled(string name, int[] sizes, Func<string, string> relabel) =>
        new(name, sizes, (rows, seed, folder, source) =>
    {
        (Example[] train, Example[] measured) = Choice(rows, seed).Choose(Banking77.Part("train", folder, source), []);
        foreach (Example row in train.Concat(measured))
        {
            row.Label = relabel(row.Label);
        }
        return Labelled(name, train, measured, source);
    });

    /// <summary>One row of each class.</summary>
    private static LabelledTask Singles(int rows, int seed, string folder, VectorSource source)
    {
        (Example[] train, Example[] measured) = Choice(int.MaxValue, seed).Choose(Banking77.Part("train", folder, source), []);
        return Labelled("singles", [.. train.DistinctBy(row => row.Label)], measured, source);
    }

    private static LabelledTask Utterances(int rows, int seed, string folder, VectorSource source)
    {
        SourceTable table = SourceTable.Read(ShippedData.Open, ShippedData.Named(new RoleNames()));
        float[][] vectors = source.Embed("utterances", [.. table.Rows.Select(row => row.Text)]);
        Example[] all = [.. table.Rows.Select((row, i) => new Example { Vector = vectors[i], Label = row.Label })];
        new Random(seed).Shuffle(all);
        return Labelled("utterances", all[..rows], all[rows..], source);
    }

    private static LabelledTask Labelled(string name, Example[] train, Example[] measured, VectorSource source) =>
        new(name, name, train, measured, source.Dimensions, new RowChoice(), "NearestCentroid", "1-NN");
}
