namespace Microsoft.ML.Mrl.Benchmarks.Tune;

/// <summary>A row of a training.</summary>
internal sealed class TextPair
{
    public string Text { get; set; } = "";

    public string Positive { get; set; } = "";
}
