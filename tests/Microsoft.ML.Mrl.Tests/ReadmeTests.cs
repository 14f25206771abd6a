using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Mrl.Tests.TorchSharp;
using Microsoft.ML.Mrl.TorchSharp.Native;

namespace Microsoft.ML.Mrl.Tests;

/// <summary>What the README shows is what the library does.</summary>
[Collection(TorchCollection.Name)]
public sealed partial class ReadmeTests
{
    /// <summary>Accuracies may differ this much on another processor, whose products round otherwise.</summary>
    private const double Tolerance = 0.03;

    [Fact]
    public void Sample_CompilesRunsAndPrintsWhatIsShown()
    {
        string root = Repository.Root;
        string readme = File.ReadAllText(Path.Combine(root, "README.md"));
        string code = ReadmeSample.Block(readme, "csharp");
        string shown = ReadmeSample.Block(readme, "text");
        string model = Path.Combine(Path.GetTempPath(), $"readme-{Guid.NewGuid():N}.zip");
        code = code.Replace(
            "\"support.tsv\"", Literal(Path.Combine(root, "src", "Microsoft.ML.Mrl.Cli", "Data", "support.tsv")), StringComparison.Ordinal)
            .Replace("\"model.zip\"", Literal(model), StringComparison.Ordinal);
        LibTorch.EnsureLoaded();
        string printed;
        try
        {
            printed = ReadmeSample.RunProgram(code);
            Assert.True(File.Exists(model));
        }
        finally
        {
            File.Delete(model);
        }
        AssertSame(shown, printed);
    }

    private static string Literal(string path) => $"@\"{path}\"";

    /// <summary>Words are equal, shares and accuracies are near.</summary>
    private static void AssertSame(string shown, string printed)
    {
        string[] wanted = [.. Tokens().Matches(shown).Select(m => m.Value)];
        string[] got = [.. Tokens().Matches(printed).Select(m => m.Value)];
        Assert.Equal(wanted.Length, got.Length);
        for (int i = 0; i < wanted.Length; i++)
        {
            if (!wanted[i].Contains('.', StringComparison.Ordinal)
                || !double.TryParse(wanted[i], CultureInfo.InvariantCulture, out double number))
            {
                Assert.Equal(wanted[i], got[i]);
                continue;
            }
            double scale = number > 1.5 ? 100 : 1;
            Assert.True(
                Math.Abs(number - double.Parse(got[i], CultureInfo.InvariantCulture)) <= Tolerance * 3 * scale,
                $"README shows {wanted[i]}, the sample printed {got[i]}:\n{printed}");
        }
    }

    [GeneratedRegex(@"\S+")]
    private static partial Regex Tokens();
}
