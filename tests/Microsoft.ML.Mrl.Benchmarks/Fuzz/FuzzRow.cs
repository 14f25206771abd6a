using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Benchmarks.Fuzz;

/// <summary>A row of the models and reports that are damaged.</summary>
internal sealed class FuzzRow
{
    public const int Width = 8;

    [VectorType(Width)]
    public float[] Vector { get; set; } = new float[Width];

    public string Label { get; set; } = "";

    public string Text { get; set; } = "";

    /// <summary>Makes rows of two classes.</summary>
    public static FuzzRow[] Make(int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(i => new FuzzRow
        {
            Vector = [.. Enumerable.Range(0, Width).Select(d => random.NextSingle() - 0.5f + (i % 2 * (d % 3)))],
            Label = i % 2 == 0 ? "even" : "odd",
            Text = i % 2 == 0 ? "the cat" : "a dog",
        })];
    }

    /// <summary>Makes a view of rows of two classes.</summary>
    public static IDataView View(MLContext mlContext, int count) => mlContext.Data.LoadFromEnumerable(Make(count));
}
