namespace Microsoft.ML.Mrl.Cli;

/// <summary>The data set inside the tool: what customers write to a shop, labelled by intent.</summary>
internal static class ShippedData
{
    private const string Resource = "support.tsv";

    /// <summary>The name that messages use.</summary>
    public const string Name = "support.tsv (shipped with mrl)";

    /// <summary>The column that is the text.</summary>
    public const string TextColumn = "Text";

    /// <summary>The column that is the label unless another is named.</summary>
    public const string LabelColumn = "Intent";

    /// <summary>Opens it, at its first row.</summary>
    public static TabularFile Open() =>
        TabularFile.Open(typeof(ShippedData).Assembly.GetManifestResourceStream(Resource)!, Name, '\t');
}
