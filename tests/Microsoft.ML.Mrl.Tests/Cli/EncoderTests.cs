using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;
using Microsoft.ML.Mrl.Postgres.Loading;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Text;
using Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary><c>mrl train --encoder</c>, and the other verbs on what it made.</summary>
public sealed class EncoderTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_Static_ShowsTheTableAndLeavesAnEncoder()
    {
        CommandRun run = Train("topics", Topics("topics.csv", 90), "--encoder", "static", "--dimensions", "4,8,16");

        Assert.Equal(["4", "8", "16"], run.Lines.SkipWhile(line => !line.StartsWith("dimensions", StringComparison.Ordinal)).Skip(1).Take(
            3).Select(line => line.Split(' ')[0]));
        Assert.Contains(run.Lines, line => line.StartsWith("Training  static encoder of ", StringComparison.Ordinal) && line.Contains(
            "16,384 buckets for others, 16 values, seed 1", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.StartsWith("encoder/ ", StringComparison.Ordinal));
        Assert.DoesNotContain("To fine-tune a text encoder", run.Output, StringComparison.Ordinal);
        Assert.Equal(
            [
                "Program.cs", "encoder", "nuget.config", "packages", "report.html", "topics.consumption.cs", "topics.csproj",
                    "topics.evaluate.cs",
                "topics.held-out.idv", "topics.mbconfig", "topics.training.cs", "topics.zip",
            ],
            Directory.GetFileSystemEntries(Project("topics")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Train_Static_ModelAndFolderGiveTheSameEmbeddings()
    {
        Train("topics", Topics("topics.csv", 90), "--encoder", "static", "--dimensions", "4,8,16");

        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(Model("topics"), out DataViewSchema schema);
        float[] embedding = mlContext.Model.CreatePredictionEngine<TopicRows.Written, TopicRows.Embedded>(model).Predict(
            new TopicRows.Written { Text = "an apple and a pear" }).Embedding;
        TextEncoder saved = TextEncoder.Load(Path.Combine(Project("topics"), "encoder"));

        Assert.Equal("Text", Assert.Single(schema).Name);
        Assert.Equal(saved.Encode("an apple and a pear"), embedding);
        Assert.Equal([4, 8, 16], saved.TrainedDimensions!);
        Assert.Equal(saved.Fingerprint, Fingerprint(_folder["out"], "topics"));
        Assert.Equal(saved.Fingerprint, mlContext.Mrl().FindEncoder(model).Fingerprint);
    }

    [Fact]
    public void Train_Static_ComparesWithTheEncoderAsItWas()
    {
        string train = Topics("train.csv", 300, noise: 6), test = Topics("test.csv", 150, seed: 2, noise: 6);
        Train("topics", train, "--encoder", "static", "--dimensions", "4,8,16", "--seed", "3", "--test-dataset", test, "--epochs", "20");
        var mlContext = new MLContext();
        IDataView trainRows = Rows(mlContext, train), testRows = Rows(mlContext, test);
        StaticTextEncoder untrained = StaticTextEncoder.Create(
            trainRows.GetColumn<string>("Text"), new StaticEncoderOptions { Dimensions = 16, Seed = 3 });
        ITransformer raw = mlContext.Transforms.EncodeText("Embedding", "Text", untrained).Fit(trainRows);
        ITransformer trained = mlContext.Model.Load(Model("topics"), out _);

        (string Name, double Score)[] trials = Trials("topics");

        Assert.Equal(["raw prefix", "PCA prefix", "MRL"], trials.Select(trial => trial.Name));
        Assert.Equal(Score(raw), trials[0].Score, 1e-12);
        Assert.Equal(Score(trained), trials[2].Score, 1e-12);
        Assert.True(trials[2].Score > Math.Max(trials[0].Score, trials[1].Score), string.Join(", ", trials));

        double Score(ITransformer system) =>
            mlContext.Mrl().EvaluateClassification(
                system.Transform(testRows), "Embedding", "Label", system.Transform(trainRows), [4, 8, 16]).Score;
    }

    [Fact]
    public void Train_Config_RepeatsTheEncoderToTheByte()
    {
        Train("first", Topics("topics.csv", 90), "--encoder", "static", "--dimensions", "4,8", "--seed", "5");

        Run("train", "--training-config", Path.Combine(Project("first"), "first.mbconfig"), "--output", _folder["again"]);

        string again = Path.Combine(_folder["again"], "first");
        Assert.Equal(Fingerprint(_folder["out"], "first"), Fingerprint(_folder["again"], "first"));
        Assert.Equal(Bytes(Path.Combine(Project("first"), "encoder")), Bytes(Path.Combine(again, "encoder")));
        Assert.Equal(File.ReadAllText(Path.Combine(Project("first"), "first.training.cs")), File.ReadAllText(
            Path.Combine(again, "first.training.cs")));
    }

    [Fact]
    public void Train_Folder_StartsFromThatEncoder()
    {
        string data = Topics("topics.csv", 90);
        string start = _folder["start"];
        StaticTextEncoder.Create(File.ReadLines(data), new StaticEncoderOptions { Dimensions = 12, Buckets = 32 }).Save(start);

        CommandRun run = Train("topics", data, "--encoder", start, "--dimensions", "3,6");

        Assert.Contains("32 buckets for others, 6 values", run.Output, StringComparison.Ordinal);
        Assert.Equal(6, TextEncoder.Load(Path.Combine(Project("topics"), "encoder")).Dimensions);
        Assert.Contains("TextEncoder.Load(EncoderPath)", File.ReadAllText(Path.Combine(Project("topics"), "topics.training.cs")),
            StringComparison.Ordinal);
        // Wherever the configuration is moved, the encoder is found.
        File.Copy(Path.Combine(Project("topics"), "topics.mbconfig"), _folder["topics.mbconfig"]);
        Run("train", "--training-config", _folder["topics.mbconfig"], "--dataset", data, "--output", _folder["again"]);
        Assert.Equal(Fingerprint(_folder["out"], "topics"), Fingerprint(_folder["again"], "topics"));
    }

    [Fact]
    public void Train_WordVectors_StartsFromThem()
    {
        var random = new Random(4);
        string vectors = _folder.Write("vectors.txt", TopicRows.Topics.SelectMany(topic => topic.Words).Select(
            word => $"{word} {string.Join(' ', Enumerable.Range(0, 8).Select(_ => random.NextDouble().ToString("F3", CultureInfo.InvariantCulture)))}"));

        CommandRun run = Train("topics", Topics("topics.csv", 90), "--encoder", vectors);

        // The words, and the token for all others.
        Assert.Contains("static encoder of 19 words, 8 values", run.Output, StringComparison.Ordinal);
        Assert.Contains("StaticTextEncoder.LoadWordVectors(EncoderPath)", File.ReadAllText(
            Path.Combine(Project("topics"), "topics.training.cs")), StringComparison.Ordinal);
    }

    [Fact]
    public void Train_Transformer_FineTunesItAndTheProjectBringsItsRuntime()
    {
        string data = Topics("topics.csv", 60);

        CommandRun run = Run("train", "--dataset", data, "--name", "topics", "--output", _folder["out"], "--encoder", Tiny(data, 32),
            "--tune", "encoder", "--dimensions", "8,32");

        Assert.Contains("Training  transformer, 32 values, seed 1", run.Output, StringComparison.Ordinal);
        // The head's and the encoder's, of which each is a warning here.
        string[] verdicts = [.. run.Lines.Where(line => line.Contains(" rows held back ", StringComparison.Ordinal))];
        Assert.True(verdicts.Length > 1, run.Output);
        Assert.All(verdicts, verdict => Assert.Matches(
            "^Warning: The (head on the frozen encoder(, trained on all rows)?|encoder): ", verdict));
        // It starts as it is, and is only compared with them.
        Assert.Contains("Computing the principal components for the comparison", run.Lines);
        var saved = Assert.IsType<TransformerTextEncoder>(TextEncoder.Load(Path.Combine(Project("topics"), "encoder")));
        Assert.Equal([8, 32], saved.TrainedDimensions!);
        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(Model("topics"), out _);
        float[] embedding = mlContext.Model.CreatePredictionEngine<TopicRows.Written, TopicRows.Embedded>(model).Predict(
            new TopicRows.Written { Text = "the apple and pear number 1" }).Embedding;
        Assert.All(saved.Encode("the apple and pear number 1").Zip(embedding), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.Contains($"<PackageReference Include=\"Microsoft.ML.OnnxRuntime\" Version=\"{ProjectFileCode.OnnxRuntimeVersion}\" />",
            File.ReadAllText(Path.Combine(Project("topics"), "topics.csproj")), StringComparison.Ordinal);
        string code = File.ReadAllText(Path.Combine(Project("topics"), "topics.training.cs"));
        Assert.Contains("TextEncoder.Load(EncoderPath)", code, StringComparison.Ordinal);
        Assert.Contains("MrlFineTuneEncoderOptions Options(", code, StringComparison.Ordinal);
        // What was chosen for the user stands there too.
        Assert.Contains("Epochs = 3,", code, StringComparison.Ordinal);
        Assert.Contains("BatchSize = 64,", code, StringComparison.Ordinal);
        Run("embed", Model("topics"), "--dataset", data, "--output", _folder["e.npy"]);
        Assert.Contains(
            "with its ONNX model in onnx", Run("export", Model("topics"), "--output", _folder["copy"]).Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder["copy"], "onnx", "model.onnx")));
        Assert.Equal(saved.Fingerprint, TextEncoder.Load(_folder["copy"]).Fingerprint);
        Run("export", Model("topics"), "--output", _folder["short"], "--dimensions", "8");
        Assert.Equal(
            (8, 32, 8), (TextEncoder.Load(_folder["short"]).Dimensions, TextEncoder.Load(_folder["short"]).FullDimensions, OnnxWidth(
                _folder["short/onnx/model.onnx"])));
        CommandRun.Of("export", Model("topics"), "--output", _folder["e.onnx"]).AssertFails(
            ExitCode.Usage, "is a text encoder", "with its ONNX model in it");
    }

    [Theory]
    [InlineData("static")]
    [InlineData("transformer")]
    public void Train_TimeIsUp_KeepsTheBestSoFarAndWritesTheLimitDown(string kind)
    {
        // Ten epochs without a better one would end the training as well: so many take many times the second, and would be counted.
        bool isStatic = kind == "static";
        string data = Topics("topics.csv", isStatic ? 20_000 : 1500, noise: 6);
        string encoder = isStatic ? "static" : Tiny(data, 64);

        Train("topics", data, "--encoder", encoder, "--dimensions", isStatic ? "8,256" : "8,64", "--epochs", "100000", "--train-time",
            "1", "--test-dataset", Topics("test.csv", 30, seed: 2));

        var saved = TextEncoder.Load(Path.Combine(Project("topics"), "encoder"));
        TrainingSummary training = new MLContext().Mrl().FindEncoder(new MLContext().Model.Load(Model("topics"), out _)).Training!;
        output.WriteLine($"{kind}: {training.Epochs} epochs");
        Assert.InRange(training.Epochs, 1, 9);
        Assert.False(training.Cancelled);
        Assert.Equal(isStatic ? 256 : 64, saved.Dimensions);
        Assert.Equal(saved.Fingerprint, Fingerprint(_folder["out"], "topics"));
        Assert.Contains("TrainTime = TimeSpan.FromSeconds(1),", File.ReadAllText(Path.Combine(Project("topics"), "topics.training.cs")),
            StringComparison.Ordinal);
        string config = Path.Combine(Project("topics"), "topics.mbconfig");
        Assert.Equal(TimeSpan.FromSeconds(1), TrainingConfig.Read(config).ToRequest(config).TrainTime);
    }

    [Theory]
    [InlineData("static")]
    [InlineData("transformer")]
    public void Train_ValidationDataset_DecidesAndNoRowIsHeldBack(string kind)
    {
        string data = Topics("topics.csv", 90), own = Topics("own.csv", 24, seed: 5);
        string[] encoder = ["--encoder", kind == "static" ? "static" : Tiny(data, 16), "--dimensions", "4,16", "--seed", "3"];

        CommandRun run = Train("own", data, [.. encoder, "--validation-dataset", own]);
        // The same texts with labels by chance: the same steps, but other scores to choose by.
        var random = new Random(9);
        Train("wrong", data, [.. encoder, "--validation-dataset", _folder.Write(
            "wrong.csv", File.ReadLines(own).Select(
                (line, i) => i == 0 ? line : $"{line.Split(',')[0]},{TopicRows.Topics[random.Next(3)].Label}"))]);
        Run("train", "--training-config", Path.Combine(Project("own"), "own.mbconfig"), "--output", _folder["again"]);

        Assert.Contains("72 for training, 24 for validation from ", run.Output, StringComparison.Ordinal);
        TrainingSummary training = Training("own"), wrong = Training("wrong");
        Assert.Equal((72, 24), (training.TrainingRows, training.ValidationRows));
        Assert.NotEqual(training.ValidationScores.Select(s => s.Raw), wrong.ValidationScores.Select(s => s.Raw));
        Assert.Equal(Fingerprint(_folder["out"], "own"), Fingerprint(_folder["again"], "own"));

        TrainingSummary Training(string name) =>
            new MLContext().Mrl().FindEncoder(new MLContext().Model.Load(Model(name), out _)).Training!;
    }

    [Fact]
    public void Train_ValidationDatasetWithoutTheColumns_SaysSo() => Fails(
        Topics("topics.csv", 30), "static", "--validation-dataset", _folder.Write("other.csv", "words,kind", "an apple,fruit"))
            .AssertFails(ExitCode.BadInput, "other.csv", "--label-col category");

    [Fact]
    public void EvaluateEmbedRecommendExport_OnAnEncoderOfPairs()
    {
        string data = _folder.Write("pairs.csv", VectorData.TextPairs(120));
        CommandRun trained = Train("pairs", data, "--encoder", "static", "--dimensions", "4,8,16");
        string model = Model("pairs");

        Assert.Contains("Retrieval in %", trained.Output, StringComparison.Ordinal);
        Assert.Contains("pairs, retrieval", Run("evaluate", model, "--dataset", data).Output, StringComparison.Ordinal);
        Assert.Contains("dimensions", Run("recommend", model, "--dataset", data, "--keep", "0.9").Output, StringComparison.Ordinal);
        Assert.Contains("Wrote 120 embeddings of 5 of 16 values", Run(
            "embed", model, "--dataset", data, "--text-col", "question", "--dimensions", "5", "--output", _folder["e.npy"]).Output,
                StringComparison.Ordinal);
        AssertEmbedded(model, data);
        CommandRun.Of("embed", model, "--dataset", data, "--dimensions", "17", "--output", _folder["f.npy"]).AssertFails(
            ExitCode.Usage, "Choose 1..16 (trained: 4, 8, 16)");

        CommandRun.Of("export", model, "--output", _folder["e.onnx"]).AssertFails(
            ExitCode.Usage, "is a text encoder", "'encoder'", "--output a folder");
        CommandRun.Of("export", model, "--output", _folder["copy"], "--dimensions", "17").AssertFails(
            ExitCode.Usage, "Choose 1..16 (trained: 4, 8, 16)");
        CommandRun.Of("export", model, "--output", _folder["copy"], "--append-to", "e.onnx").AssertFails(
            ExitCode.Usage, "--append-to", "written whole");
        CommandRun.Of("export", model, "--output", _folder["out"]).AssertFails(ExitCode.BadInput, "is there already");
        CommandRun.Of("export", model, "--output", Path.Combine(_folder["nowhere"], "copy")).AssertFails(
            ExitCode.BadInput, "there is no folder");
        string said = Run("export", model, "--output", _folder["copy"]).Output;
        Assert.Contains("in the form of sentence-transformers, with its ONNX model in onnx", said, StringComparison.Ordinal);
        Assert.Contains("pass over them", said, StringComparison.Ordinal);
        TextEncoder copy = TextEncoder.Load(_folder["copy"]);
        Assert.Equal(Fingerprint(_folder["out"], "pairs"), copy.Fingerprint);
        Assert.Equal(16, OnnxWidth(_folder["copy/onnx/model.onnx"]));
        Assert.Contains("cut to 8 (truncate_dim)", Run("export", model, "--output", _folder["short"], "--dimensions", "8").Output,
            StringComparison.Ordinal);
        TextEncoder cut = TextEncoder.Load(_folder["short"]);
        Assert.Equal((8, 16, 8), (cut.Dimensions, cut.FullDimensions, OnnxWidth(_folder["short/onnx/model.onnx"])));
        Assert.Equal(copy.Fingerprint, cut.WithDimensions(16).Fingerprint);
        Assert.Equal(File.ReadAllBytes(_folder["copy/model.safetensors"]), File.ReadAllBytes(_folder["short/model.safetensors"]));
        Assert.Contains("truncate_dim=8)", File.ReadAllText(_folder["short/README.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Train_StaticOnScoredPairsAndOnTextsAlone_LearnsThem()
    {
        var random = new Random(7);
        string scored = _folder.Write(
            "scored.csv", ["sentence1,sentence2,score", .. Enumerable.Range(0, 120).Select(
                i => $"{TopicRows.Sentence(random, i % 3)} a{i},{TopicRows.Sentence(random, (i + i / 3 % 2) % 3)} "
                    + $"b{i},{(i / 3 % 2 == 0 ? 1 : 0)}")]);

        Assert.Contains(
            "Spearman x 100", Train("scored", scored, "--encoder", "static", "--dimensions", "4,8").Output, StringComparison.Ordinal);
        CommandRun alone = Train(
            "alone", Topics("topics.csv", 120), "--encoder", "static", "--dimensions", "4,8", "--ignore-cols", "category");
        Assert.Contains("learns from the texts alone", alone.Output, StringComparison.Ordinal);
        Assert.Contains("Neighbours kept in %", alone.Output, StringComparison.Ordinal);
        Assert.Contains(
            "FindEncoder(model).Training", File.ReadAllText(Path.Combine(Project("alone"), "alone.evaluate.cs")), StringComparison.Ordinal);
    }

    [Fact]
    public void Train_HeadThenEncoderThenHead_LeavesNothingOfTheOther()
    {
        string data = Topics("topics.csv", 60);
        string onnx = Path.Combine(Project("topics"), "topics.onnx"), encoder = Path.Combine(Project("topics"), "encoder");

        Assert.Contains(
            Train("topics", data, "--dimensions", "4").Lines,
            line => line.StartsWith("To train on the vectors of a pretrained encoder instead of text features: ", StringComparison.Ordinal)
                && line.EndsWith(" train …", StringComparison.Ordinal));
        Assert.Equal((true, false), (File.Exists(onnx), Directory.Exists(encoder)));
        Train("topics", data, "--dimensions", "4", "--encoder", "static");
        Assert.Equal((false, true), (File.Exists(onnx), Directory.Exists(encoder)));
        Train("topics", data, "--dimensions", "4");
        Assert.Equal((true, false), (File.Exists(onnx), Directory.Exists(encoder)));
    }

    [Fact]
    public void Evaluate_EncoderOfAnotherPipeline_IsMeasured()
    {
        string data = Topics("topics.csv", 60);
        var mlContext = new MLContext();
        IDataView rows = Rows(mlContext, data);
        StaticTextEncoder encoder = StaticTextEncoder.Create(
            rows.GetColumn<string>("Text"), new StaticEncoderOptions { Dimensions = 8, Buckets = 16 });
        IDataView texts = mlContext.Transforms.SelectColumns("Text").Fit(rows).Transform(rows);
        EncodeTextTransformer alone = mlContext.Transforms.EncodeText("Vector", "Text", encoder).Fit(texts);
        mlContext.Model.Save(alone, texts.Schema, _folder["alone.zip"]);
        mlContext.Model.Save(alone.Append(mlContext.Transforms.PcaRotate("Short", "Vector", 4).Fit(alone.Transform(texts))), texts.Schema,
            _folder["headed.zip"]);

        Assert.Contains(
            Run("evaluate", _folder["alone.zip"], "--dataset", data).Lines, line => line.StartsWith("8 ", StringComparison.Ordinal));
        // A head behind the encoder makes the embedding.
        Assert.Contains("Wrote 60 embeddings of 4 of 4 values", Run(
            "embed", _folder["headed.zip"], "--dataset", data, "--output", _folder["e.npy"]).Output, StringComparison.Ordinal);
        mlContext.Model.Save(mlContext.Transforms.CopyColumns("Other", "Text").Fit(texts), texts.Schema, _folder["none.zip"]);
        CommandRun.Of("evaluate", _folder["none.zip"], "--dataset", data).AssertFails(
            ExitCode.BadInput, "none.zip", "neither a trained head nor a text encoder");
    }

    [Fact]
    public void Train_EncoderThatCannotBe_SaysWhatToDo()
    {
        string data = Topics("topics.csv", 30);
        Directory.CreateDirectory(_folder["empty"]);
        string notes = _folder.Write("notes.txt", "some words", "that are no vectors");

        Fails(data, "nowhere").AssertFails(ExitCode.BadInput, "--encoder nowhere", "no such folder or file", "or static for a new encoder");
        Fails(data, " ").AssertFails(ExitCode.Usage, "--encoder without a name", "or static");
        Fails(data, _folder["empty"]).AssertFails(ExitCode.BadInput, "--encoder", "modules.json");
        Fails(data, notes).AssertFails(ExitCode.BadInput, "notes.txt", "A file is read as word vectors");
        Fails(_folder.Write("nums.csv", VectorData.Numbers(60)), "static").AssertFails(
            ExitCode.Usage, "--encoder static", "the vector 'x0'..'x11'", "--text-col", "leave --encoder out");
        Fails(_folder.Write("arrays.tsv", VectorData.ScoredArrays(60)), "static").AssertFails(
            ExitCode.Usage, "--encoder static", "'query'", "--text-col");
        StaticTextEncoder.Create(File.ReadLines(data), new StaticEncoderOptions { Dimensions = 6, Buckets = 8 }).Save(_folder["six"]);
        Fails(data, _folder["six"], "--dimensions", "4,8").AssertFails(ExitCode.Usage, "gives 6 values", "Choose 1..6");
        StaticTextEncoder.Create(["autre autre"], new StaticEncoderOptions { Dimensions = 6, Buckets = 0 }).Save(_folder["foreign"]);
        Fails(data, _folder["foreign"], "--tune", "encoder")
            .AssertFails(ExitCode.BadInput, "Cannot fine-tune --encoder", "a token that the encoder knows");
    }

    [Fact]
    public void Train_EncoderInThePlaceToWriteTo_IsLeftAlone()
    {
        string data = Topics("topics.csv", 60);
        Train("topics", data, "--encoder", "static", "--dimensions", "4");
        string encoder = Path.Combine(Project("topics"), "encoder");
        byte[][] before = Bytes(encoder);

        CommandRun.Of("train", "--dataset", data, "--name", "topics", "--output", _folder["out"], "--encoder", encoder).AssertFails(
            ExitCode.Usage, "which this training replaces", "--name");
        Assert.Equal(before, Bytes(encoder));

        Directory.Delete(encoder, recursive: true);
        Directory.CreateDirectory(encoder);
        File.WriteAllText(Path.Combine(encoder, "notes.txt"), "mine");
        CommandRun.Of("train", "--dataset", data, "--name", "topics", "--output", _folder["out"]).AssertFails(
            ExitCode.BadInput, "'encoder' is there already", "--name");
        Assert.Equal("mine", File.ReadAllText(Path.Combine(encoder, "notes.txt")));
    }

    [Fact]
    public void Train_StaticStoppedWhileTraining_KeepsTheBestSoFar()
    {
        using var source = new CancellationTokenSource();
        using var output = new CancellingWriter(source, "epoch 2 ");
        using var error = new StringWriter();

        int exitCode = CommandRun.Run(
            ["train", "--dataset", Topics("topics.csv", 60), "--name", "topics", "--output", _folder["out"], "--encoder", "static",
                "--dimensions", "4,8", "--epochs", "100000"], output, error, source.Token);

        Assert.Equal("", error.ToString());
        Assert.Equal(ExitCode.Ok, exitCode);
        Assert.Contains("Stopped by request", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(8, TextEncoder.Load(Path.Combine(Project("topics"), "encoder")).Dimensions);
    }

    private void AssertEmbedded(string modelPath, string data)
    {
        var mlContext = new MLContext();
        TextEncoder encoder = mlContext.Mrl().FindEncoder(mlContext.Model.Load(modelPath, out _));
        using RowReader texts = RowReader.OpenFile(data), embedded = RowReader.OpenFile(_folder["e.npy"]);
        Field field = new(FieldKind.Vector, [0], ["Vector"]);
        for (int row = 0; row < 120; row++)
        {
            Assert.True(texts.Read() && embedded.Read());
            float[] cut = encoder.Encode(texts.Text(0))[..5];
            double length = Math.Sqrt(cut.Sum(value => (double)value * value));
            Assert.All(field.ReadVector(embedded, 5).Zip(cut), pair => Assert.Equal(pair.Second / length, pair.First, 1e-6));
        }
    }

    private static int OnnxWidth(string path)
    {
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(path);
        return session.OutputMetadata["sentence_embedding"].Dimensions[^1];
    }

    private static IDataView Rows(MLContext mlContext, string path) => mlContext.Data.LoadFromEnumerable(
        File.ReadLines(path).Skip(1).Select(line => line.Split(',')).Select(
            fields => new Labelled { Text = fields[0], Label = fields[1] }).ToArray());

    private string Topics(string name, int rows, int seed = 1, int noise = 0) => _folder.Write(name, TopicRows.Csv(rows, seed, noise));

    /// <summary>A small transformer that knows the words of a data set.</summary>
    private string Tiny(string data, int hidden)
    {
        TinyTransformer.Make(_folder["tiny"], File.ReadLines(data).Skip(1).Select(line => line.Split(',')[0]), hidden: hidden);
        return _folder["tiny"];
    }

    private string Project(string name) => Path.Combine(_folder["out"], name);

    private string Model(string name) => Path.Combine(Project(name), name + ".zip");

    private (string Name, double Score)[] Trials(string name)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Combine(Project(name), name + ".mbconfig")));
        return [.. config.RootElement.GetProperty("RunHistory").GetProperty("Trials").EnumerateArray().Select(
            trial => (trial.GetProperty("TrainerName").GetString()!, trial.GetProperty("Score").GetDouble()))];
    }

    private static string? Fingerprint(string output, string name)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, name, name + ".mbconfig")));
        Assert.False(config.RootElement.GetProperty("RunHistory").TryGetProperty("HeadFingerprint", out _));
        return config.RootElement.GetProperty("RunHistory").GetProperty("EncoderFingerprint").GetString();
    }

    private static byte[][] Bytes(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private CommandRun Train(string name, string dataset, params string[] more)
    {
        string[] epochs = more.Contains("--epochs") ? [] : ["--epochs", "6"];
        string[] how = !more.Contains("--encoder") ? ["--text-features"]
            : more.Contains("static") ? []
            : ["--tune", "encoder"];
        return Run(["train", "--dataset", dataset, "--name", name, "--output", _folder["out"], .. epochs, .. how, .. more]);
    }

    private CommandRun Fails(string dataset, string encoder, params string[] more)
    {
        CommandRun run = CommandRun.Of(["train", "--dataset", dataset, "--output", _folder["out"], "--encoder", encoder, .. more]);
        Assert.False(Directory.Exists(_folder["out"]));
        return run;
    }

    private static CommandRun Run(params string[] args)
    {
        CommandRun run = CommandRun.Of(args);
        Assert.Equal("", run.Error);
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        return run;
    }

    private sealed class Labelled
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
