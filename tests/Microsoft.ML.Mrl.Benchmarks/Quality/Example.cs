namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>One row of any task.</summary>
internal sealed class Example
{
    public float[] Vector { get; set; } = [];

    public float[] Other { get; set; } = [];

    public string Label { get; set; } = "";

    public string Text { get; set; } = "";

    public float Score { get; set; }
}
