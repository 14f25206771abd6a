using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;
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
    public async Task Sample_CompilesRunsAndPrintsWhatIsShown()
    {
        string root = Repository.Root;
        string readme = File.ReadAllText(Path.Combine(root, "README.md"));
        string code = Block(readme, "csharp");
        string shown = Block(readme, "text");
        string model = Path.Combine(Path.GetTempPath(), $"readme-{Guid.NewGuid():N}.zip");
        code = code.Replace("\"support.tsv\"", Literal(Path.Combine(root, "src", "Microsoft.ML.Mrl.Cli", "Data", "support.tsv")), StringComparison.Ordinal)
            .Replace("\"model.zip\"", Literal(model), StringComparison.Ordinal)
            .Replace("Console.WriteLine(", "Output.WriteLine(", StringComparison.Ordinal);
        LibTorch.EnsureLoaded();
        var options = ScriptOptions.Default
            .AddReferences(typeof(MLContext).Assembly, typeof(Microsoft.ML.Data.DataKind).Assembly, typeof(IDataView).Assembly, typeof(MrlCatalog).Assembly, typeof(MrlTrainingCatalog).Assembly,
                typeof(Microsoft.ML.Transforms.Text.TextFeaturizingEstimator).Assembly)
            .AddImports("System");
        var globals = new Globals();
        try
        {
            await CSharpScript.RunAsync(code, options, globals, cancellationToken: TestContext.Current.CancellationToken);
            Assert.True(File.Exists(model));
        }
        finally
        {
            File.Delete(model);
        }
        AssertSame(shown, globals.Output.ToString());
    }

    /// <summary>What the script sees as its own.</summary>
    public sealed class Globals
    {
        public StringWriter Output { get; } = new(CultureInfo.InvariantCulture);
    }

    private static string Block(string markdown, string language)
    {
        Match match = Regex.Match(markdown, $"```{language}\n(.*?)```", RegexOptions.Singleline);
        Assert.True(match.Success, $"The README has no {language} block.");
        return match.Groups[1].Value;
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
            if (!wanted[i].Contains('.', StringComparison.Ordinal) || !double.TryParse(wanted[i], CultureInfo.InvariantCulture, out double number))
            {
                Assert.Equal(wanted[i], got[i]);
                continue;
            }
            double scale = number > 1.5 ? 100 : 1;
            Assert.True(Math.Abs(number - double.Parse(got[i], CultureInfo.InvariantCulture)) <= Tolerance * 3 * scale, $"README shows {wanted[i]}, the sample printed {got[i]}:\n{printed}");
        }
    }

    [GeneratedRegex(@"\S+")]
    private static partial Regex Tokens();
}
