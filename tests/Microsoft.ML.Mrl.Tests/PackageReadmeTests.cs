using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Mrl.Tests.TorchSharp;
using Microsoft.ML.Mrl.TorchSharp.Native;

namespace Microsoft.ML.Mrl.Tests;

/// <summary>The first sample of each package's README compiles as a program and runs.</summary>
[Collection(TorchCollection.Name)]
public sealed class PackageReadmeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mrl-readme-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("Microsoft.ML.Mrl", "Dimensions  Bytes")]
    [InlineData("Microsoft.ML.Mrl.Text", "Embedding")]
    [InlineData("Microsoft.ML.Mrl.Search", "row 0: cosine 1.000")]
    [InlineData("Microsoft.ML.Mrl.TorchSharp", "Dimensions  Bytes")]
    public void Sample_CompilesAndRuns(string package, string shown)
    {
        LibTorch.EnsureLoaded();
        WriteData();
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "src", package, "README.md"));

        string output = Run(ReadmeSample.Block(readme, "csharp"));

        Assert.Contains(shown, output, StringComparison.Ordinal);
    }

    [Fact]
    public void Readmes_HaveNoLinkThatLeadsNowhere()
    {
        string[] readmes = [
            Path.Combine(Repository.Root, "README.md"),
            .. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "README.md", SearchOption.AllDirectories)];
        string[] broken =
        [
            .. readmes.SelectMany(
                readme => Regex.Matches(File.ReadAllText(readme), @"\]\((?!https?:)([^)#]+)\)")
                .Select(link => (readme, Link: link.Groups[1].Value)))
                .Where(link => !Path.Exists(Path.Combine(Path.GetDirectoryName(link.readme)!, link.Link)))
                .Select(link => $"{link.readme}: {link.Link}"),
        ];

        Assert.Empty(broken);
    }

    [Fact]
    public void RootReadme_IsShort()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

        Assert.InRange(readme.Split('\n').Length, 1, 130);
        Assert.InRange(readme.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Length, 1, 1_300);
    }

    private void WriteData()
    {
        var random = new Random(1);
        string[] labels = ["billing", "delivery", "login", "returns"];
        File.WriteAllLines(
            Path.Combine(_folder.FullName, "vectors.tsv"),
            Enumerable.Range(0, 400).Select(i => string.Join('\t', (string[])
                [labels[i % 4], .. Enumerable.Range(0, 64)
                    .Select(j => (random.NextDouble() - 0.5 + (j % 4 == i % 4 ? 0.5 : 0)).ToString("R", CultureInfo.InvariantCulture))])));
        File.WriteAllLines(
            Path.Combine(_folder.FullName, "texts.tsv"),
            Enumerable.Range(0, 200).Select(i => $"{labels[i % 4]}\tplease help with {labels[i % 4]} number {i % 7}"));
    }

    private string Run(string code) => ReadmeSample.RunProgram(Regex.Replace(
        code, @"""([\w-]+\.(tsv|zip|funnel|onnx))""", match => $"@\"{Path.Combine(_folder.FullName, match.Groups[1].Value)}\""));
}
