using System.Text.Json;

namespace Microsoft.ML.Mrl.Tests.Losses;

/// <summary>
/// Values and gradients in double precision, made by a script of the project with PyTorch and compared with sentence-transformers' own classes where
/// there are such. They lie beside the repository, not in it.
/// </summary>
internal static class GoldenLosses
{
    /// <summary>Reads the file, or skips the test where it is not there.</summary>
    public static JsonElement ReadOrSkip()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Microsoft.ML.Mrl.sln")))
            {
                foreach (string candidate in new[] { "../shared/golden/losses.json", "../../shared/golden/losses.json" })
                {
                    string path = Path.Combine(folder.FullName, candidate);
                    if (File.Exists(path))
                    {
                        using var document = JsonDocument.Parse(File.ReadAllText(path));
                        return document.RootElement.Clone();
                    }
                }
            }
        }
        Assert.Skip("The golden values are not here: shared/golden/losses.json beside the repository.");
        return default;
    }

    /// <summary>All numbers of nested arrays, row by row.</summary>
    public static double[] Numbers(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray().SelectMany(Numbers)] : [element.GetDouble()];
}
