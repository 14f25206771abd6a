using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;
using Microsoft.ML.Mrl.Postgres.Loading;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Cli;

public sealed class TasksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_NumberColumns_LearnsClassesOfVectors()
    {
        CommandRun run = Train("nums", _folder.Write("nums.csv", VectorData.Numbers(160)), "--label-col", "kind");

        Assert.Contains("vector 'x0'..'x11' (12 columns), 4 labels 'kind'", run.Output, StringComparison.Ordinal);
        Assert.Contains("Accuracy in %", run.Output, StringComparison.Ordinal);
        Assert.Equal(["Vector"], Inputs("nums"));
    }

    [Fact]
    public void Train_WithoutHeader_GivesTheModelOfTheSameFileWithOne()
    {
        Train("with", _folder.Write("a.csv", VectorData.Numbers(160)), "--label-col", "kind");
        Train("without", _folder.Write("b.csv", VectorData.Numbers(160, hasHeader: false)), "--has-header", "false", "--label-col",
            "Col12");

        Assert.Equal(Fingerprint("with"), Fingerprint("without"));
    }

    [Fact]
    public void Train_ScoredArrays_LearnsScoredPairs()
    {
        CommandRun run = Train("arr", _folder.Write("arr.tsv", VectorData.ScoredArrays(160)));

        Assert.Contains("Spearman x 100", run.Output, StringComparison.Ordinal);
        Assert.Contains("vector is 'query', positive is 'document', score is 'score'", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_TextPairs_OneModelServesBothSides()
    {
        CommandRun run = Train("pairs", _folder.Write("pairs.csv", VectorData.TextPairs(160)), "--text-features");

        Assert.Contains("Retrieval in %", run.Output, StringComparison.Ordinal);
        Assert.Equal(["Text"], Inputs("pairs"));
        Assert.Contains(
            "\n// dotnet run -- evaluate FILE  measures", File.ReadAllText(Path.Combine(_folder["out"], "pairs", "Program.cs")),
            StringComparison.Ordinal);
        CommandRun evaluated = Run("evaluate", Model("pairs"), "--dataset", _folder["pairs.csv"]);
        Assert.Contains("pairs, retrieval", evaluated.Output, StringComparison.Ordinal);
        Assert.Matches("For a share other than 98 %: .* recommend .*pairs.zip --keep 0.95", run.Output);
        Run("recommend", Model("pairs"), "--keep", "0.95");
    }

    [Fact]
    public void Train_NoTarget_SaysThatItLearnsFromTheVectorsAlone()
    {
        CommandRun run = Train("alone", _folder.Write("alone.csv", VectorData.Numbers(160)), "--ignore-cols", "kind");

        Assert.Contains(
            "There is no label or positive column, so the training learns from the vectors alone", run.Output, StringComparison.Ordinal);
        Assert.Contains("Neighbours kept in %", run.Output, StringComparison.Ordinal);
        Assert.Contains("160 for training", run.Output, StringComparison.Ordinal);
        Assert.Contains("how certain that is was not measured", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("too few rows", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_UnnamedTarget_ListsTheColumnsThatAreNotUsed()
    {
        CommandRun run = Train("team", _folder.Write("team.csv", [
            "id,text,team", .. Enumerable.Range(0, 60).Select(i => $"{i},{"some few more words".Split(' ')[i % 4]} {i},{i % 3}")]),
            "--text-features");

        Assert.Contains("No column is named like a label or a positive", run.Output, StringComparison.Ordinal);
        Assert.Contains("Not used: 'team'. To learn from one of these", run.Output, StringComparison.Ordinal);
        Assert.Contains("60 rows that took turns to be held out", run.Output, StringComparison.Ordinal);
        string program = File.ReadAllText(Path.Combine(_folder["out"], "team", "Program.cs"));
        Assert.Contains("// dotnet run -- evaluate       shows what the training itself measured; it reads no file.", program,
            StringComparison.Ordinal);
        Assert.DoesNotContain("evaluate FILE", program, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_NoTargetButATestSet_SaysThatThereIsNothingToTest()
    {
        string path = _folder.Write("alone.csv", VectorData.Numbers(60));

        CommandRun.Of("train", "--dataset", path, "--ignore-cols", "kind", "--test-dataset", path, "--output", _folder["out"])
            .AssertFails(ExitCode.Usage, "nothing to test");
    }

    [Fact]
    public void Train_Config_RepeatsTheRunToTheByte()
    {
        Train("first", _folder.Write("nums.csv", VectorData.Numbers(160)), "--label-col", "kind", "--dimensions", "3,6,12", "--seed", "5",
            "--validation-dataset", _folder.Write("val.csv", VectorData.Numbers(40, seed: 2)));

        Run("train", "--training-config", Path.Combine(_folder["out"], "first", "first.mbconfig"), "--output", _folder["again"]);

        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder["again"], "first", "first.mbconfig")));
        Assert.Equal(Fingerprint("first"), config.RootElement.GetProperty("RunHistory").GetProperty("HeadFingerprint").GetString());
        Assert.Equal(Head(Model("first")), Head(Path.Combine(_folder["again"], "first", "first.zip")));
    }

    [Fact]
    public void Train_ValidationDataset_IsToldAndDecides()
    {
        string data = _folder.Write("nums.csv", VectorData.Numbers(160));
        CommandRun run = Train(
            "own", data, "--label-col", "kind", "--validation-dataset", _folder.Write("val.csv", VectorData.Numbers(40, seed: 2)));

        Assert.Contains("128 for training, 40 for validation from ", run.Output, StringComparison.Ordinal);
        Assert.Equal(40, new MLContext().Mrl().FindHead(new MLContext().Model.Load(Model("own"), out _)).Training!.ValidationRows);
    }

    [Fact]
    public void Train_TrainTime_IsWrittenDownAndReadBack()
    {
        Train("nums", _folder.Write("nums.csv", VectorData.Numbers(160)), "--label-col", "kind", "--train-time", "7");

        Assert.Equal(TimeSpan.FromSeconds(7), TrainingConfig.Read(Path.Combine(_folder["out"], "nums", "nums.mbconfig")).ToRequest(
            _folder["nums.mbconfig"]).TrainTime);
    }

    [Fact]
    public void Train_IntoItsOwnFolderAgain_ReplacesAndSaysSo()
    {
        string data = _folder.Write("nums.csv", VectorData.Numbers(160));
        Train("nums", data, "--label-col", "kind");
        byte[] first = Head(Model("nums"));

        CommandRun run = Train("nums", data, "--label-col", "kind", "--seed", "2");

        Assert.Contains("Replaces what an earlier training left", run.Output, StringComparison.Ordinal);
        Assert.NotEqual(first, Head(Model("nums")));
    }

    [Fact]
    public void Embed_Stopped_WritesNothing()
    {
        string data = _folder.Write("nums.csv", VectorData.Numbers(160));
        Train("nums", data, "--label-col", "kind");
        using var error = new StringWriter();

        int exitCode = CommandRun.Run(["embed", Model("nums"), "--dataset", data, "--output", _folder["e.npy"]], TextWriter.Null,
            error, new CancellationToken(canceled: true));

        Assert.Equal(ExitCode.Interrupted, exitCode);
        Assert.Equal(["nums.csv"], _folder.Files);
    }

    [Theory]
    [InlineData("{}", "Type is not 'MrlTrainingConfig'")]
    [InlineData("nonsense", "invalid")]
    [InlineData("""{"Type": "MrlTrainingConfig", "Version": 9}""", "version 9")]
    [InlineData("""{"Type": "MrlTrainingConfig"}""", "no DataSource")]
    [InlineData("""{"Type": "MrlTrainingConfig", "Surprise": 1}""", "Surprise")]
    [InlineData(
        """{"Type": "MrlTrainingConfig", "DataSource": {"FilePath": "a.csv"}, "TrainingOption": {"Dimensions": [8, 8]}}""", "twice")]
    public void Train_BadConfig_SaysWhat(string content, string what)
    {
        File.WriteAllText(_folder["a.mbconfig"], content);

        CommandRun.Of("train", "--training-config", _folder["a.mbconfig"], "--output", _folder["out"]).AssertFails(
            ExitCode.BadInput, "--training-config", "a.mbconfig", what);
    }

    [Fact]
    public void EmbedEvaluateRecommendExport_OnOneModel()
    {
        string data = _folder.Write("nums.csv", VectorData.Numbers(160));
        Train("nums", data, "--label-col", "kind", "--dimensions", "3,6,12");
        string model = Model("nums");
        foreach (string extension in new[] { "csv", "tsv", "npy", "parquet" })
        {
            string[] kept = extension == "npy" ? [] : ["--keep-cols", "kind"];
            CommandRun run = Run(
                ["embed", model, "--dataset", data, "--vector-col", "x0..x11", "--dimensions", "6", "--output", _folder[$"e.{extension}"],
                    .. kept]);
            Assert.Contains("Wrote 160 embeddings of 6 of 12 values", run.Output, StringComparison.Ordinal);
        }

        float[][] expected = Expected(model, data, 6);
        foreach (string extension in new[] { "csv", "tsv", "npy", "parquet" })
        {
            using RowReader file = RowReader.OpenFile(_folder[$"e.{extension}"]);
            Field field = RoleFinder.FindInput(TableSampleOf(_folder[$"e.{extension}"]),
                new RoleNames { Vector = extension is "csv" or "tsv" ? "Embedding0..Embedding5" : null }, wantsText: false);
            for (int row = 0; row < 160; row++)
            {
                Assert.True(file.Read());
                Assert.Equal(expected[row], field.ReadVector(file, 6));
                if (extension != "npy")
                {
                    Assert.Equal($"k{row % 4}", file.Text(0));
                }
            }
            Assert.False(file.Read());
        }

        foreach (string extension in new[] { "html", "json", "csv", "md" })
        {
            CommandRun run = Run(
                "evaluate", model, "--dataset", data, "--label-col", "kind", "--dimensions", "3,12", "--report", _folder[$"r.{extension}"]);
            Assert.Equal(["3", "12"], run.Lines.SkipWhile(line => !line.StartsWith("Dimensions", StringComparison.Ordinal)).Skip(1).Take(
                2).Select(line => line.Split(' ')[0]));
            Assert.NotEqual(0, new FileInfo(_folder[$"r.{extension}"]).Length);
        }
        Assert.Equal(2, DimensionReport.FromJson(File.ReadAllText(_folder["r.json"])).Rows.Count);

        Assert.Contains("dimensions", Run("recommend", model, "--dataset", data, "--label-col", "kind", "--keep", "0.9").Output,
            StringComparison.Ordinal);
        CommandRun.Of("recommend", model, "--dataset", data, "--keep", "1.5").AssertFails(ExitCode.Usage, "--keep 1.5", "0.99");
        Assert.Contains(
            "[N, 12]", Run("export", model, "--output", _folder["h.onnx"], "--dimensions", "6").Output, StringComparison.Ordinal);
        Assert.Contains("Choose 1..12", CommandRun.Of("export", model, "--output", _folder["h.onnx"], "--dimensions", "13").Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Embed_BadRow_IsNamedAndNothingIsWritten()
    {
        Train("nums", _folder.Write("nums.csv", VectorData.Numbers(160)), "--label-col", "kind");
        string bad = _folder.Write(
            "bad.csv", [.. VectorData.Numbers(30), string.Join(',', Enumerable.Repeat("much", VectorData.Width)) + ",k1"]);

        CommandRun run = CommandRun.Of("embed", Model("nums"), "--dataset", bad, "--output", _folder["e.npy"]);

        run.AssertFails(ExitCode.BadInput, "bad.csv', line 32, column 'x0': 'much' is not a finite number");
        Assert.False(File.Exists(_folder["e.npy"]));
        Assert.DoesNotContain(_folder.Files, name => name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Embed_EmptyTexts_AreEmbeddedInTheirPlaceAndTold()
    {
        Train("pairs", _folder.Write("pairs.csv", VectorData.TextPairs(60)));
        string texts = _folder.Write("texts.csv", "text,n", "apple and pear,1", ",2", "the moon,3");

        CommandRun run = Run("embed", Model("pairs"), "--dataset", texts, "--output", _folder["e.npy"]);

        Assert.Contains("1 texts are empty (the first: line 3)", run.Output, StringComparison.Ordinal);
        using NpyFile file = NpyFile.Open(_folder["e.npy"]);
        Assert.Equal(3, Enumerable.Range(0, 4).Count(_ => file.Read()));
    }

    [Theory]
    [InlineData("a.doc", "Choose .csv, .tsv, .npy or .parquet")]
    [InlineData("a.npy", "--keep-cols")]
    public void Embed_OutputThatCannotBe_SaysSo(string output, string what) =>
        CommandRun.Of("embed", "m.zip", "--dataset", "a.csv", "--output", _folder[output], "--keep-cols", "x").AssertFails(
            ExitCode.Usage, output, what);

    [Fact]
    public void Embed_NoModel_SaysSo()
    {
        string text = _folder.Write("a.csv", "text", "one");

        CommandRun.Of("embed", text, "--dataset", text, "--output", _folder["e.csv"]).AssertFails(ExitCode.BadInput, "not a model");
        CommandRun.Of("evaluate", "nowhere.zip", "--dataset", text).AssertFails(ExitCode.BadInput, "'nowhere.zip'", "no such file");
    }

    private static TableSample TableSampleOf(string path)
    {
        using RowReader file = RowReader.OpenFile(path);
        return TableSample.Of(file);
    }

    /// <summary>ML.NET's own way to the same vectors.</summary>
    private static float[][] Expected(string modelPath, string data, int dimensions)
    {
        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(modelPath, out _);
        IDataView rows = mlContext.Data.LoadFromTextFile(
            data, [new("Vector", DataKind.Single, 0, VectorData.Width - 1)], separatorChar: ',', hasHeader: true);
        IDataView embedded = model.Transform(rows);
        return [.. mlContext.Transforms.TruncateEmbedding("Short", "Embedding", dimensions).Fit(embedded).Transform(embedded)
            .GetColumn<float[]>("Short")];
    }

    private static byte[] Head(string model)
    {
        var mlContext = new MLContext();
        using var stream = new MemoryStream();
        mlContext.Mrl().FindHead(mlContext.Model.Load(model, out _)).Save(stream);
        return stream.ToArray();
    }

    private string[] Inputs(string name)
    {
        new MLContext().Model.Load(Model(name), out DataViewSchema schema);
        return [.. schema.Select(column => column.Name)];
    }

    private string Model(string name) => Path.Combine(_folder["out"], name, name + ".zip");

    private string? Fingerprint(string name)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder["out"], name, name + ".mbconfig")));
        return config.RootElement.GetProperty("RunHistory").GetProperty("HeadFingerprint").GetString();
    }

    private CommandRun Train(string name, string dataset, params string[] more) =>
        Run(["train", "--dataset", dataset, "--name", name, "--output", _folder["out"], "--epochs", "4", .. more]);

    private static CommandRun Run(params string[] args)
    {
        CommandRun run = CommandRun.Of(args);
        Assert.Equal("", run.Error);
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        return run;
    }
}
