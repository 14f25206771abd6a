namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>A row to train on, to test with or to embed. The property names are the columns of the view.</summary>
internal sealed class ExampleRow
{
    public string Text { get; set; } = "";

    public string PositiveText { get; set; } = "";

    public string NegativeText { get; set; } = "";

    public float[] Vector { get; set; } = [];

    public float[] PositiveVector { get; set; } = [];

    public float[] NegativeVector { get; set; } = [];

    /// <summary>What it is an example of.</summary>
    public string Label { get; set; } = "";

    /// <summary>How alike the input and the positive are.</summary>
    public float Score { get; set; }
}
