using System.Text.Json;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

/// <summary>
/// Values and gradients in double precision, made by a script of the project with PyTorch and compared with sentence-transformers' own classes where
/// there are such. They lie beside the repository, not in it.
/// </summary>
internal static class GoldenLosses
{
    /// <summary>Reads the file, or skips the test where it is not there.</summary>
    public static JsonElement ReadOrSkip()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Repository.SharedOrSkip("golden/losses.json")));
        return document.RootElement.Clone();
    }

    /// <summary>All numbers of nested arrays, row by row.</summary>
    public static double[] Numbers(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray().SelectMany(Numbers)] : [element.GetDouble()];
}
