using System.Text.Json;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

/// <summary>
/// Values and gradients in double precision of random embeddings, made by a script of the project with PyTorch 2.6 and compared with the
/// classes of sentence-transformers 6.1.0.dev0 where there are such (golden-losses.json beside this file, to 12 digits).
/// </summary>
internal static class GoldenLosses
{
    public static JsonElement Read()
    {
        string path = Path.Combine(Repository.Root, "tests", "Microsoft.ML.Mrl.Tests", "TorchSharp", "Losses", "golden-losses.json");
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.Clone();
    }

    /// <summary>All numbers of nested arrays, row by row.</summary>
    public static double[] Numbers(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray().SelectMany(Numbers)] : [element.GetDouble()];
}
