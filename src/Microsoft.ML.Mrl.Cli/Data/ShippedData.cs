namespace Microsoft.ML.Mrl.Cli.Data;

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

    /// <summary>The file's name by itself.</summary>
    public const string FileName = Resource;

    /// <summary>Its columns where others are not named.</summary>
    public static RoleNames Named(RoleNames asked) => asked with
    {
        Text = asked.Vector is null ? asked.Text ?? TextColumn : null,
        Label = asked.Positive is null ? asked.Label ?? LabelColumn : asked.Label,
    };

    /// <summary>Writes it to a file, byte for byte.</summary>
    public static void Write(string path)
    {
        using Stream source = typeof(ShippedData).Assembly.GetManifestResourceStream(Resource)!;
        using FileStream target = File.Create(path);
        source.CopyTo(target);
    }

    /// <summary>Opens it, at its first row.</summary>
    public static TabularFile Open() =>
        TabularFile.Open(typeof(ShippedData).Assembly.GetManifestResourceStream(Resource)!, Name, '\t');
}
