namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;

/// <summary>Small made-up sentences: each class has words of its own among words that all share.</summary>
internal sealed class Sentences
{
    public string Text { get; set; } = "";

    public string Positive { get; set; } = "";

    public string Negative { get; set; } = "";

    public string Label { get; set; } = "";

    public float Score { get; set; }

    public float Number { get; set; }

    public static Sentences[] Classes(int rows, int classes, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(i => new Sentences
        {
            Text = Sentence(random, i % classes),
            Positive = Sentence(random, i % classes),
            Negative = Sentence(random, (i + 1 + random.Next(classes - 1)) % classes),
            Label = $"class {i % classes}",
            Score = 1,
        })];
    }

    /// <summary>Pairs of sentences of one class or of two.</summary>
    public static Sentences[] ScoredPairs(int rows, int classes, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(i =>
        {
            (int one, int other) = (random.Next(classes), random.Next(classes));
            return new Sentences { Text = Sentence(random, one), Positive = Sentence(random, other), Score = one == other ? 1 : 0 };
        })];
    }

    public static IDataView View(MLContext context, IEnumerable<Sentences> rows) => context.Data.LoadFromEnumerable(rows);

    private static string Sentence(Random random, int group) => string.Join(' ', Enumerable.Range(0, 8).Select(_ =>
        random.Next(4) == 0 ? $"topic{group}x{random.Next(3)}" : $"common{random.Next(30)}"));
}
