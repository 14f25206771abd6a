namespace Microsoft.ML.Mrl.Benchmarks.Static;

/// <summary>One row of a text task.</summary>
internal sealed class TextExample
{
    public string Text { get; set; } = "";

    public string Other { get; set; } = "";

    public string Label { get; set; } = "";

    public float Score { get; set; }
}
