namespace Microsoft.ML.Mrl.Benchmarks.Mutate;

/// <summary>A part of the source that is mutated, and the tests that must notice.</summary>
/// <param name="Project">Its project.</param>
/// <param name="Folder">The folder in it.</param>
/// <param name="Tests">The namespaces of the tests, below that of the project of tests.</param>
internal sealed record MutantRoom(string Project, string Folder, string[] Tests)
{
    /// <summary>Gets the rooms by name.</summary>
    public static IReadOnlyDictionary<string, MutantRoom> All { get; } = new Dictionary<string, MutantRoom>(StringComparer.OrdinalIgnoreCase)
    {
        ["Files"] = new("Microsoft.ML.Mrl", "Files", ["Files*", "Heads*"]),
        ["Vectors"] = new("Microsoft.ML.Mrl", "Vectors", ["Vectors*", "Evaluation*", "Transforms*"]),
        ["Heads"] = new("Microsoft.ML.Mrl", "Heads", ["Heads*", "Transforms*", "Export*"]),
        ["Transforms"] = new("Microsoft.ML.Mrl", "Transforms", ["Transforms*", "Quantization*"]),
        ["Losses"] = new("Microsoft.ML.Mrl.TorchSharp", "Losses", ["TorchSharp.Losses*"]),
    };
}
