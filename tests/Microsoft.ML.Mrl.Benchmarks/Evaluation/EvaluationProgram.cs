using System.Globalization;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Benchmarks.Evaluation;

/// <summary>
/// What do eight dimensions cost, compared with the full width alone, when rows of 768 values are classified by others or look through
/// documents? <c>dotnet run -c Release -- evaluate [threads=1] [rounds=15] [rows=2000] [references=10000]</c>, with half as many rounds and
/// twice as many documents for retrieval. The ways take turns.
/// </summary>
internal static class EvaluationProgram
{
    private const int Width = 768;
    private const int Classes = 50;

    private static readonly MatryoshkaDimensions s_full = new(Width);
    private static readonly MatryoshkaDimensions s_eight = MatryoshkaDimensions.HalvedFrom(Width, Width >> 7);

    public static int Run(string[] args)
    {
        var settings = new Dictionary<string, int> { ["threads"] = 1, ["rounds"] = 15, ["rows"] = 2_000, ["references"] = 10_000 };
        foreach (string word in args)
        {
            if (word.Split('=') is not [var key, var value] || !settings.ContainsKey(key)
                || !int.TryParse(value, CultureInfo.InvariantCulture, out int number))
            {
                Console.Error.WriteLine($"Use: evaluate {string.Join(' ', settings.Select(pair => $"[{pair.Key}={pair.Value}]"))}");
                return 2;
            }
            settings[key] = number;
        }
        int threads = settings["threads"], rounds = settings["rounds"] | 1, rows = settings["rows"], references = settings["references"];
        Console.WriteLine(FormattableString.Invariant(
            $"{threads} threads, {rows:N0} rows of {Width} values, dimensions {s_eight}, {rounds} rounds, seed 7."));
        Classify(rows, references, threads, rounds);
        Retrieve(rows, 2 * references, threads, (rounds / 2) | 1);
        return 0;
    }

    private static void Classify(int count, int references, int threads, int rounds)
    {
        var random = new Random(7);
        float[][] centers = [.. Enumerable.Range(0, Classes).Select(_ => Drawn(random, Width))];
        (EmbeddingMatrix rows, int[] labels) = Draw(count);
        (EmbeddingMatrix others, int[] otherLabels) = Draw(references);
        foreach (bool probe in new[] { false, true })
        {
            DimensionReport report = Evaluate(s_eight);
            Turns.Print(
                FormattableString.Invariant(
                    $"classification by {references:N0} rows, k = 1 and 10, centroids{(probe ? ", linear probe" : "")}"),
                [
                    ("full width alone", () => Evaluate(s_full)),
                    ("eight dimensions at once", () => Evaluate(s_eight)),
                    ("their intervals, 1,000 resamples", () => new MLContext(1).Mrl().RecommendDimensions(report)),
                ],
                rounds);

            DimensionReport Evaluate(MatryoshkaDimensions dimensions) => ClassificationEvaluation.Evaluate(
                rows, labels, others, otherLabels, Classes, dimensions,
                new ClassificationOptions { Neighbors = [1, 10], ProbeL2Regularization = probe ? 0.1 : null }, threads);
        }

        (EmbeddingMatrix Vectors, int[] Labels) Draw(int number)
        {
            int[] own = [.. Enumerable.Range(0, number).Select(_ => random.Next(Classes))];
            float[] values = [.. own.SelectMany(label => centers[label].Select(value => value + (4 * (random.NextSingle() - 0.5f))))];
            return (new EmbeddingMatrix(values, number, Width), own);
        }
    }

    private static void Retrieve(int count, int documents, int threads, int rounds)
    {
        var random = new Random(7);
        float[] values = Drawn(random, documents * Width);
        // Each query is a noisy copy of its one relevant document.
        float[] queries = [.. values.Take(count * Width).Select(value => value + (2 * (random.NextSingle() - 0.5f)))];
        RelevantDocument[][] relevance = [.. Enumerable.Range(0, count).Select(i => new[] { new RelevantDocument(i, 1) })];
        Turns.Print(
            FormattableString.Invariant($"retrieval from {documents:N0} documents"),
            [
                ("full width alone", () => Evaluate(s_full)),
                ("eight dimensions at once", () => Evaluate(s_eight)),
                ("eight dimensions one by one", () => s_eight.ToList().ForEach(m => Evaluate(new MatryoshkaDimensions(m)))),
            ],
            rounds);

        void Evaluate(MatryoshkaDimensions dimensions) => RetrievalEvaluation.Evaluate(
            new EmbeddingMatrix(queries, count, Width), new EmbeddingMatrix(values, documents, Width), relevance, dimensions,
            threads: threads);
    }

    private static float[] Drawn(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
}
