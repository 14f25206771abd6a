namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Provides the data set inside the tool: requests that customers write to a shop, labelled by intent.</summary>
internal static class ShippedData
{
    private const string Resource = "support.tsv";

    /// <summary>The name in messages.</summary>
    public const string Name = "support.tsv (shipped with mrl)";

    /// <summary>The column of the text.</summary>
    public const string TextColumn = "Text";

    /// <summary>The column of the label, unless another is named.</summary>
    public const string LabelColumn = "Intent";

    /// <summary>The name of the file when it is written.</summary>
    public const string FileName = Resource;

    /// <summary>Returns the columns that the user named, completed by those of this data set.</summary>
    public static RoleNames Named(RoleNames asked) => asked with
    {
        Text = asked.Vector is null ? asked.Text ?? TextColumn : null,
        Label = asked.Positive is null ? asked.Label ?? LabelColumn : asked.Label,
    };

    /// <summary>Writes the data set, byte for byte.</summary>
    public static void Write(Stream target)
    {
        using Stream source = typeof(ShippedData).Assembly.GetManifestResourceStream(Resource)!;
        source.CopyTo(target);
    }

    /// <summary>Opens the data set before its first row.</summary>
    public static TabularFile Open() =>
        TabularFile.Open(typeof(ShippedData).Assembly.GetManifestResourceStream(Resource)!, Name, new TextFormat { Separator = '\t' });
}
