namespace Microsoft.ML.Mrl.Tests.Architecture;

/// <summary>One of our packages: the packages of ours it may use, and its rooms, of which each may use those before it.</summary>
/// <param name="Name">The name of its project, which is the name of its folder under src.</param>
/// <param name="Assembly">The name of its assembly.</param>
/// <param name="Uses">The packages of ours that it may use.</param>
/// <param name="Rooms">Its folders in order; the empty name is the project's own folder.</param>
internal sealed record Package(string Name, string Assembly, string[] Uses, string[] Rooms)
{
    private const string Core = "Microsoft.ML.Mrl";
    private const string Text = "Microsoft.ML.Mrl.Text";
    private const string Search = "Microsoft.ML.Mrl.Search";
    private const string TorchSharp = "Microsoft.ML.Mrl.TorchSharp";
    private const string ExtensionsAI = "Microsoft.ML.Mrl.Extensions.AI";
    private const string VectorData = "Microsoft.ML.Mrl.Extensions.VectorData";
    private const string Postgres = "Microsoft.ML.Mrl.Postgres";

    /// <summary>The walls of the house.</summary>
    public static Package[] All { get; } =
    [
        new(Core, Core, [],
        [
            "Friend", "Vectors", "Files", "Heads", "Schema", "Quantization", "Transforms", "Resampling", "Reports", "Evaluation",
            "Classification", "Export", "",
        ]),
        new(Text, Text, [Core], ["Tokenizers", "Encoders", ""]),
        new(Search, Search, [Core], ["Mining", "Funnel", "Quantized", "Collections", ""]),
        new(TorchSharp, TorchSharp, [Core, Text], ["Native", "Data", "Losses", "Objectives", "Options", "Modules", "Gate", "Training", ""]),
        new(ExtensionsAI, ExtensionsAI, [Core], [""]),
        new(VectorData, VectorData, [Core], [""]),
        new(Postgres, Postgres, [Core], ["Tables", "Loading", "Search", "Collections", ""]),
        new("Microsoft.ML.Mrl.Cli", "mrl", [Core, Text, Search, TorchSharp, ExtensionsAI, VectorData, Postgres],
            ["Output", "Data", "Options", "Models", "Embed", "Evaluate", "Export", "Learning", "Project", "Train", ""]),
    ];

    /// <summary>The compiled assembly, as it lies beside the tests.</summary>
    public string Path => System.IO.Path.Combine(AppContext.BaseDirectory, Assembly + ".dll");

    /// <summary>The room of a source file; null for files that are nobody's, such as those of a source generator.</summary>
    public string? RoomOf(string file)
    {
        string start = $"/src/{Name}/";
        int at = file.LastIndexOf(start, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }
        string[] parts = file[(at + start.Length)..].Split('/');
        // The build writes what it makes of a .proto file to obj/CONFIGURATION/FRAMEWORK/[RUNTIME/]FOLDER.
        if (parts[0] == "obj")
        {
            parts = [.. parts.Skip(1).SkipWhile(part => !Rooms.Contains(part))];
            return parts.Length > 1 ? parts[0] : null;
        }
        return parts.Length > 1 ? parts[0] : "";
    }
}
