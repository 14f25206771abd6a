using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Cli;

public sealed class TrainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _project;

    public TrainTests() => _project = Path.Combine(_folder["out"], "TopicsMrl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_ShowsEveryDimensionAdviceModelAndSummary()
    {
        CommandRun run = Train(_folder.Write("topics.csv", TopicRows.Csv(60)), "--text-col", "utterance", "--label-col", "1");

        Assert.Equal(["4", "8", "16"], run.Lines.SkipWhile(line => !line.StartsWith("dimensions", StringComparison.Ordinal)).Skip(1).Take(
            3).Select(line => line.Split(' ')[0]));
        Assert.Single(run.Lines, line => line.Contains(" of 16 dimensions", StringComparison.Ordinal) || line.StartsWith(
            "Keep all ", StringComparison.Ordinal) || line.StartsWith("No dimension ", StringComparison.Ordinal));
        Assert.Contains($"Written to {_project}", run.Lines);
        Assert.Contains(run.Lines, line => line.StartsWith("Rows      48 for training, 12 for testing", StringComparison.Ordinal));
        Assert.DoesNotContain("Guessed", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', run.Output);
        Assert.DoesNotContain('\r', run.Output);
    }

    [Fact]
    public void Train_WritesAModelThatEmbedsTextWithoutALabel()
    {
        Train(_folder.Write("topics.csv", TopicRows.Csv(60)));

        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(Path.Combine(_project, "TopicsMrl.zip"), out DataViewSchema schema);
        TopicRows.Embedded embedded = mlContext.Model.CreatePredictionEngine<TopicRows.Written, TopicRows.Embedded>(model).Predict(
            new TopicRows.Written { Text = "an apple and a pear" });

        Assert.Equal("Text", Assert.Single(schema).Name);
        Assert.Equal(16, embedded.Embedding.Length);
        Assert.Contains(embedded.Embedding, value => value != 0);
        Assert.Equal(
            [
                "Program.cs", "TopicsMrl.consumption.cs", "TopicsMrl.csproj", "TopicsMrl.evaluate.cs", "TopicsMrl.held-out.idv",
                "TopicsMrl.mbconfig", "TopicsMrl.onnx", "TopicsMrl.training.cs", "TopicsMrl.zip", "nuget.config", "report.html",
            ],
            Directory.GetFiles(_project).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Train_ColumnsLeftOut_SaysWhatItGuessed()
    {
        CommandRun run = Train(_folder.Write("topics.csv", TopicRows.Csv(60)));

        Assert.Contains("text is 'utterance', label is 'category'", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_Tsv_GivesWhatCsvGives()
    {
        string[] csv = Train(_folder.Write("topics.csv", TopicRows.Csv(60))).Lines;
        string[] tsv = Train(_folder.Write("topics.tsv", TopicRows.Csv(60).Select(line => line.Replace(',', '\t')))).Lines;

        Assert.Equal(Table(csv), Table(tsv));
    }

    [Fact]
    public void Train_SameSeed_GivesTheSameTable()
    {
        string path = _folder.Write("topics.csv", TopicRows.Csv(60));

        Assert.Equal(Table(Train(path, "--seed", "7").Lines), Table(Train(path, "--seed", "7").Lines));
    }

    [Fact]
    public void Train_TestDataset_IsTestedWithAndUnknownLabelsAreTold()
    {
        string test = _folder.Write("test.csv", [.. TopicRows.Csv(9), "a violin,music"]);

        CommandRun run = Train(_folder.Write("topics.csv", TopicRows.Csv(60)), "--test-dataset", test);

        Assert.Contains(run.Lines, line => line.StartsWith("Rows      60 for training, 10 for testing from ", StringComparison.Ordinal));
        Assert.Contains("1 of 10 test rows have a label that no training row has", run.Output, StringComparison.Ordinal);
        Assert.Contains("only 10 test rows", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_RowsWithoutTextOrLabel_AreLeftOutAndCounted()
    {
        CommandRun run = Train(_folder.Write("topics.csv", [.. TopicRows.Csv(60), ",fruit", "plum,"]));

        Assert.Contains("2 of 62 rows", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_Quiet_ShowsTableAndAdviceOnly()
    {
        string[] lines = Train(_folder.Write("topics.csv", TopicRows.Csv(60)), "--verbosity", "q").Lines;

        Assert.StartsWith("Accuracy in %", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain(
            lines.Where(line => !line.StartsWith("Warning: ", StringComparison.Ordinal)),
            line => line.StartsWith("Summary", StringComparison.Ordinal) || line.Contains("epoch", StringComparison.Ordinal));
    }

    [Fact]
    public void Train_StoppedBeforeItBegan_WritesNothing()
    {
        using var error = new StringWriter();

        int exitCode = CommandRun.Run(
            Args(_folder.Write("topics.csv", TopicRows.Csv(60))), TextWriter.Null, error, new CancellationToken(canceled: true));

        Assert.Equal(ExitCode.Interrupted, exitCode);
        Assert.Contains("Nothing was written", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["topics.csv"], _folder.Files);
    }

    [Fact]
    public void Train_StoppedWhileTraining_KeepsAndMeasuresTheBestSoFar()
    {
        using var source = new CancellationTokenSource();
        using var output = new CancellingWriter(source, "epoch 1 ");
        using var error = new StringWriter();

        int exitCode = CommandRun.Run(
            Args(_folder.Write("topics.csv", TopicRows.Csv(60)), "--epochs", "100000"), output, error, source.Token);

        Assert.Equal("", error.ToString());
        Assert.Equal(ExitCode.Ok, exitCode);
        Assert.Contains("Stopped by request", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Accuracy in %", output.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_project, "TopicsMrl.zip")));
    }

    private CommandRun Train(string dataset, params string[] more)
    {
        CommandRun run = CommandRun.Of(Args(dataset, more));
        Assert.Equal("", run.Error);
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        return run;
    }

    private string[] Args(string dataset, params string[] more)
    {
        string[] epochs = more.Contains("--epochs") ? [] : ["--epochs", "3"];
        return ["train", "--text-features", "--dataset", dataset, "--output", _folder["out"], "--dimensions", "4,8,16", .. epochs, .. more];
    }

    private static string[] Table(string[] lines) =>
        [.. lines.SkipWhile(line => !line.StartsWith("Accuracy", StringComparison.Ordinal)).TakeWhile(
            line => !line.StartsWith("For a share", StringComparison.Ordinal))];
}
