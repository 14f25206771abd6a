namespace Microsoft.ML.Mrl.Cli;

/// <summary>A row to train on or to test with. The property names are the columns of the view.</summary>
internal sealed class LabelledText
{
    /// <summary>What was written.</summary>
    public string Text { get; set; } = "";

    /// <summary>What it is an example of.</summary>
    public string Label { get; set; } = "";
}
