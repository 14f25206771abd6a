namespace Microsoft.ML.Mrl.Benchmarks.Mutate;

/// <summary>A part of the source that is mutated, and the tests that must notice.</summary>
/// <param name="Project">Its project.</param>
/// <param name="Folder">The folder in it.</param>
/// <param name="Tests">The namespaces of its own tests, below that of the project of tests.</param>
/// <param name="Others">The namespaces of tests of what uses it, which are asked where its own tests notice nothing.</param>
internal sealed record MutantRoom(string Project, string Folder, string[] Tests, string[] Others)
{
    /// <summary>Gets the rooms by name.</summary>
    public static IReadOnlyDictionary<string, MutantRoom> All { get; } = new Dictionary<string, MutantRoom>(StringComparer.OrdinalIgnoreCase)
    {
        ["Files"] = new("Microsoft.ML.Mrl", "Files", ["Files*"], ["Heads*", "Text.Encoders.Static*"]),
        ["Vectors"] = new("Microsoft.ML.Mrl", "Vectors", ["Vectors*"], ["Evaluation*", "Transforms*", "Search.Funnel*", "Classification*"]),
        ["Heads"] = new("Microsoft.ML.Mrl", "Heads", ["Heads*"], ["Transforms*", "Export*", "TorchSharp.Gate*"]),
        ["Transforms"] = new("Microsoft.ML.Mrl", "Transforms", ["Transforms*"], ["Quantization*", "Text*"]),
        ["Quantization"] = new("Microsoft.ML.Mrl", "Quantization", ["Quantization*"], ["Transforms*", "Search.Funnel*", "Evaluation*"]),
        ["Evaluation"] = new("Microsoft.ML.Mrl", "Evaluation", ["Evaluation*"], ["Reports*", "TorchSharp.Gate*"]),
        ["Losses"] = new("Microsoft.ML.Mrl.TorchSharp", "Losses", ["TorchSharp.Losses*"], []),
    };
}
