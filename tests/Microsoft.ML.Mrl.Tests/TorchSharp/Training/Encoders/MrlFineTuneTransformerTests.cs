using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using TorchSharp;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;

[Collection(TorchCollection.Name)]
public sealed class MrlFineTuneTransformerTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _log = [];

    public MrlFineTuneTransformerTests() => _ml.Log += (_, e) => _log.Add(e.RawMessage);

    public void Dispose() => _folder.Dispose();

    private static MrlFineTuneEncoderOptions Options(TextEncoder encoder, MrlObjective? objective = null) => new()
    {
        OutputColumnName = "Embedding",
        InputColumnName = "Text",
        Encoder = encoder,
        Objective = objective ?? MrlObjective.Classification("Label"),
        Epochs = 4,
        BatchSize = 32,
        Seed = 1,
        StartingPoint = StartingPoint.Identity,
        Transformer = new() { LearningRate = 2e-3 },
    };

    [Fact]
    public void Fit_FromRandomWeights_LearnsClassesThatPrefixesTell()
    {
        Sentences[] train = Sentences.Classes(600, 6, seed: 1), test = Sentences.Classes(300, 6, seed: 2);
        TransformerTextEncoder encoder = Encoder([.. train, .. test]);

        EncodeTextTransformer model = Fit(Options(encoder) with { Epochs = 8 }, train);

        Assert.Equal(TrainingWinner.Learned, model.Encoder.Training!.Winner);
        Assert.Equal([8, 16, 32], model.Encoder.TrainedDimensions!);
        double[] before = Accuracy(encoder, train, test), after = Accuracy(model.Encoder, train, test);
        AssertShortPrefixesRise(before, after);
        Assert.Equal(8, _log.Count(line => line.StartsWith("Epoch ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("pairs")]
    [InlineData("triplets")]
    [InlineData("scored")]
    [InlineData("angle")]
    [InlineData("same label")]
    [InlineData("unsupervised")]
    [InlineData("distillation")]
    [InlineData("weighted")]
    [InlineData("custom")]
    public void Fit_EveryObjective_LowersItsLossAndIsJudged(string kind)
    {
        Sentences[] rows = kind is "scored" or "angle" ? Sentences.ScoredPairs(240, 4, seed: 1) : Sentences.Classes(240, 4, seed: 1);
        MrlObjective objective = kind switch
        {
            "pairs" => MrlObjective.Pairs("Positive", "Negative"),
            "triplets" => MrlObjective.Triplets("Positive", "Negative"),
            "scored" => MrlObjective.ScoredPairs("Positive", "Score"),
            "angle" => MrlObjective.ScoredPairs("Positive", "Score", ScoredPairsLoss.AnglE),
            "same label" => MrlObjective.SameLabel("Label"),
            "unsupervised" => MrlObjective.Unsupervised(),
            "distillation" => MrlObjective.Distillation("Teacher"),
            "weighted" =>
                MrlObjective.Weighted((MrlObjective.Pairs("Positive"), 1), (MrlObjective.Classification("Label", WeightTying.Shared), 0.5)),
            _ => MrlObjective.Custom(new MrlCustomColumns { PositiveColumnName = "Positive" }, () => new InfoNceLoss()),
        };
        IDataView view = Sentences.View(_ml, rows);
        StaticTextEncoder teacher = StaticTextEncoder.Create(rows.Select(r => r.Text), new StaticEncoderOptions { Dimensions = 10 });
        IDataView withTeacher = _ml.Transforms.EncodeText("Teacher", "Text", teacher).Fit(view).Transform(view);
        var losses = new List<double>();
        var progress = new HeardProgress(p =>
        {
            if (p.Phase == MrlPhase.Training && !double.IsNaN(p.ValidationScore))
            {
                losses.Add(p.Loss);
            }
        });

        TrainingSummary summary = _ml.Transforms.MrlFineTuneEncoder(Options(Encoder(rows, dropout: 0), objective) with { Epochs = 3 })
            .Fit(withTeacher, null, progress).Encoder.Training!;

        Assert.Equal(3, losses.Count);
        Assert.True(losses[2] < losses[0], string.Join(", ", losses));
        Assert.Equal(3, summary.ValidationScores.Count);
        Assert.All(
            summary.ValidationScores,
            score => Assert.True(double.IsFinite(score.Raw) && double.IsFinite(score.Pca) && double.IsFinite(score.Learned)));
        Assert.NotEqual("", summary.Verdict);
    }

    [Fact]
    public void Fit_SameSeedTwice_SameBytes_WithDropoutAndDrawnLayers()
    {
        Sentences[] rows = Sentences.Classes(120, 4, seed: 1);
        TransformerTextEncoder encoder = Encoder(rows);
        MrlFineTuneEncoderOptions options = Options(encoder, MrlObjective.Pairs("Positive")) with
        {
            Epochs = 2, Gate = HarmGate.Off,
            Transformer = new() { LearningRate = 1e-3, AdaptiveLayers = new(), AccumulationSteps = 2, MiniBatchSize = 20 },
        };

        string first = Fit(options, rows).Encoder.Fingerprint;

        Assert.Equal(first, Fit(options, rows).Encoder.Fingerprint);
        Assert.NotEqual(first, Fit(options with { Seed = 2 }, rows).Encoder.Fingerprint);
        Assert.NotEqual(
            first, Fit(
                options with { Transformer =
                    new() { LearningRate = 1e-3, AdaptiveLayers = new(), AccumulationSteps = 2, MiniBatchSize = 20, Dropout = 0 } }, rows)
                    .Encoder.Fingerprint);
        Assert.NotEqual(
            first, Fit(options with { Transformer = new() { LearningRate = 1e-3, AccumulationSteps = 2, MiniBatchSize = 20 } }, rows)
            .Encoder.Fingerprint);
        Assert.NotEqual(
            first, Fit(options with { Transformer = new() { LearningRate = 1e-3, AdaptiveLayers = new(), MiniBatchSize = 20 } }, rows)
            .Encoder.Fingerprint);
    }

    [Fact]
    public void Fit_FrozenLayers_KeepTheirBytes()
    {
        Sentences[] rows = Sentences.Classes(80, 4, seed: 1);
        TransformerTextEncoder encoder = Encoder(rows);
        MrlFineTuneEncoderOptions options = Options(encoder) with { Epochs = 1, Gate = HarmGate.Off };

        string[] nothing = Changed(null), tables = Changed(0), one = Changed(1);
        var dense = (TransformerTextEncoder)Fit(
            options with { StartingPoint = StartingPoint.Pca, Transformer = new() { FrozenLayers = 2, DenseLearningRate = 1e-2 } }, rows)
            .Encoder;

        Assert.Contains(TransformerNames.Words, nothing);
        Assert.DoesNotContain(tables, name => name.StartsWith("embeddings", StringComparison.Ordinal));
        Assert.Contains(tables, name => name.StartsWith("encoder.layer.0", StringComparison.Ordinal));
        Assert.All(one, name => Assert.StartsWith("encoder.layer.1", name, StringComparison.Ordinal));
        Assert.NotEmpty(one);
        Assert.Empty(ChangedTensors(encoder, dense));
        Assert.Single(dense.Model.Modules.Steps.OfType<DenseStep>());

        string[] Changed(int? frozen) =>
            ChangedTensors(
                encoder, (TransformerTextEncoder)Fit(
                    options with { Transformer = new() { LearningRate = 2e-3, FrozenLayers = frozen } }, rows).Encoder);
    }

    [Theory]
    [InlineData(StartingPoint.Identity, false)]
    [InlineData(StartingPoint.Pca, false)]
    [InlineData(StartingPoint.Identity, true)]
    [InlineData(StartingPoint.Pca, true)]
    public void Fit_NarrowerOutput_HasThatWidthAndSurvivesItsFolderAndAZip(StartingPoint start, bool normalizes)
    {
        Sentences[] rows = Sentences.Classes(100, 4, seed: 1);
        IDataView view = Sentences.View(_ml, rows);
        MrlFineTuneEncoderEstimator estimator = _ml.Transforms.MrlFineTuneEncoder(
            Options(Encoder(rows, normalizes: normalizes)) with { OutputDimensions = 12, Dimensions = [4, 12], StartingPoint = start,
                Epochs = 2, Gate = HarmGate.Off });

        EncodeTextTransformer model = estimator.Fit(view);

        var encoder = (TransformerTextEncoder)model.Encoder;
        Assert.Equal((12, TrainingWinner.Learned, false), (encoder.Dimensions, encoder.Training!.Winner, encoder.IsNormalized));
        Assert.Equal([4, 12], encoder.TrainedDimensions!);
        Assert.Equal(start == StartingPoint.Pca, encoder.Model.Modules.Steps.Any(step => step is DenseStep));
        encoder.Save(_folder["saved"]);
        TextEncoder loaded = TextEncoder.Load(_folder["saved"]);
        Assert.Equal(encoder.Fingerprint, loaded.Fingerprint);
        Assert.Equal(encoder.Encode(rows[0].Text), loaded.Encode(rows[0].Text));
        _ml.Model.Save(model, view.Schema, _folder["model.zip"]);
        ITransformer zipped = new MLContext().Model.Load(_folder["model.zip"], out _);
        Assert.Equal(SampleVectors.Read(model.Transform(view), "Embedding"), SampleVectors.Read(zipped.Transform(view), "Embedding"));
        SchemaShape.Column shape = estimator.GetOutputSchema(SchemaShape.Create(view.Schema)).Single(c => c.Name == "Embedding");
        Assert.Equal(
            model.GetOutputSchema(view.Schema)["Embedding"].Annotations.Schema.Select(a => a.Name).Order(),
            shape.Annotations.Select(a => a.Name).Order());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(StartingPoint.Identity)]
    [InlineData(StartingPoint.Pca)]
    public void Fit_EncoderOfUnitLength_StaysOne(StartingPoint? start)
    {
        Sentences[] rows = Sentences.Classes(80, 4, seed: 1);
        IDataView view = Sentences.View(_ml, rows);
        MrlFineTuneEncoderEstimator estimator = _ml.Transforms.MrlFineTuneEncoder(
            Options(Encoder(rows, normalizes: true)) with { StartingPoint = start, Epochs = 1, Gate = HarmGate.Off });

        EncodeTextTransformer model = estimator.Fit(view);

        Assert.True(model.Encoder.IsNormalized);
        Assert.Equal(1, model.Encoder.Encode(rows[0].Text).Sum(v => (double)v * v), 1e-4);
        SchemaShape.Column shape = estimator.GetOutputSchema(SchemaShape.Create(view.Schema)).Single(c => c.Name == "Embedding");
        Assert.Equal(
            model.GetOutputSchema(view.Schema)["Embedding"].Annotations.Schema.Select(a => a.Name).Order(),
            shape.Annotations.Select(a => a.Name).Order());
    }

    [Fact]
    public void Fit_NothingToLearn_ReturnsTheEncoderAsItCameOrItsPca()
    {
        var random = new Random(5);
        Sentences[] rows = Sentences.Classes(160, 4, seed: 1);
        Array.ForEach(rows, r => r.Label = $"{random.Next(4)}");
        TransformerTextEncoder encoder = Encoder(rows);

        TextEncoder got = Fit(Options(encoder) with { Epochs = 2 }, rows).Encoder;

        Assert.NotEqual(TrainingWinner.Learned, got.Training!.Winner);
        Assert.Equal([8, 16, 32], got.TrainedDimensions!);
        // Raw or rotated, all distances are those of the encoder as it came.
        Assert.Equal(Distance(encoder, rows[0].Text, rows[1].Text), Distance(got, rows[0].Text, rows[1].Text), 1e-3);
        Assert.Contains(_log, line => line.Contains(" prefix is returned", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(TrainingWinner.Raw)]
    [InlineData(TrainingWinner.Pca)]
    public void Fit_ARateThatHarms_GivesTheWinnerUnharmed(TrainingWinner winner)
    {
        // A mean of its own on every coordinate after the first makes raw prefixes poor, for all but the pairs of equal texts.
        Sentences[] rows = Sentences.Classes(160, 4, seed: 1);
        TransformerTextEncoder encoder = Encoder(rows);
        MrlObjective objective = winner == TrainingWinner.Raw ? MrlObjective.Unsupervised() : MrlObjective.Classification("Label");

        TextEncoder got = Fit(
            Options(encoder, objective) with { Epochs = 1, Transformer = new() { LearningRate = 3 },
            Dimensions = winner == TrainingWinner.Raw ? [32] : [8, 32] }, rows).Encoder;

        Assert.NotEqual(TrainingWinner.Learned, got.Training!.Winner);
        Assert.Equal(Distance(encoder, rows[0].Text, rows[1].Text), Distance(got, rows[0].Text, rows[1].Text), 1e-3);
        Assert.Equal(
            got.Training.Winner == TrainingWinner.Pca, ((TransformerTextEncoder)got).Model.Modules.Steps.Any(step => step is DenseStep));
    }

    [Fact]
    public void Fit_WithAdaptiveLayers_TheFirstLayerWorksAloneToo()
    {
        Sentences[] train = Sentences.Classes(400, 6, seed: 1), test = Sentences.Classes(200, 6, seed: 2);
        TransformerTextEncoder encoder = Encoder([.. train, .. test]);
        MrlFineTuneEncoderOptions options = Options(encoder) with { Epochs = 8, Gate = HarmGate.Off };

        var adaptive = (TransformerTextEncoder)Fit(
            options with { Transformer = new() { LearningRate = 2e-3, AdaptiveLayers = new() } }, train).Encoder;

        double[] before = Accuracy(encoder.WithLayers(1), train, test), after = Accuracy(adaptive.WithLayers(1), train, test);
        AssertShortPrefixesRise(before, after);
    }

    [Fact]
    public void Fit_Cancelled_ReturnsTheBestSoFar()
    {
        Sentences[] rows = Sentences.Classes(120, 4, seed: 1);
        using var source = new CancellationTokenSource();
        var progress = new HeardProgress(p =>
        {
            if (p.Phase == MrlPhase.Training && p.Epoch == 2)
            {
                source.Cancel();
            }
        });

        TextEncoder got = Fit(Options(Encoder(rows)) with { Epochs = 1000 }, rows, progress, cancellation: source.Token).Encoder;

        Assert.True(got.Training!.Cancelled);
        Assert.InRange(got.Training.Epochs, 2, 3);
        using var early = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Fit(
            Options(Encoder(rows)), rows, new HeardProgress(p => early.Cancel()), cancellation: early.Token));
    }

    [Fact]
    public void Fit_TrainTimeUp_ReturnsTheBestSoFarAndIsNotCancelled()
    {
        Sentences[] rows = Sentences.Classes(80, 4, seed: 1);

        TrainingSummary summary = Fit(
            Options(Encoder(rows)) with { Epochs = 1_000_000, Patience = 1_000_000, TrainTime = TimeSpan.FromMilliseconds(300) }, rows)
            .Encoder.Training!;

        Assert.False(summary.Cancelled);
        Assert.InRange(summary.Epochs, 1, 999_999);
    }

    [Fact]
    public void Fit_ManyEpochs_NoMoreTensorsAliveAfterEach()
    {
        Sentences[] rows = Sentences.Classes(80, 4, seed: 1);
        var counts = new List<long>();
        var progress = new HeardProgress(p =>
        {
            if (!double.IsNaN(p.ValidationScore))
            {
                counts.Add(torch.Tensor.TotalCount);
            }
        });
        long before = torch.Tensor.TotalCount;

        Fit(Options(
            Encoder(rows), MrlObjective.Pairs("Positive")) with { Epochs = 6, Patience = 6,
            Transformer = new() { MiniBatchSize = 20, AdaptiveLayers = new() } }, rows, progress);

        Assert.Equal(6, counts.Count);
        Assert.True(counts[^1] <= counts[1], $"Tensors after each epoch: {string.Join(", ", counts)}.");
        // The binding counts a parameter twice, also for the tensor that it took over, and gives one back: so many would be more if the
        // module stayed.
        const int Parameters = 37;
        Assert.True(torch.Tensor.TotalCount <= before + Parameters, $"{before} tensors before, {torch.Tensor.TotalCount} after.");
    }

    [Fact]
    public void Fit_LossThatIsNoNumber_EndsWithTheBetterStart()
    {
        Sentences[] rows = Sentences.Classes(80, 4, seed: 1);

        TextEncoder got = Fit(
            Options(Encoder(rows)) with { Transformer = new() { LearningRate = 1e30, MaxGradientNorm = double.PositiveInfinity },
            Epochs = 10 }, rows).Encoder;

        Assert.NotEqual(TrainingWinner.Learned, got.Training!.Winner);
        Assert.All(got.Encode(rows[0].Text), v => Assert.True(float.IsFinite(v)));
        Assert.Contains(_log, line => line.StartsWith("The loss stopped being a number", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_ShortOverload_TakesFewEpochs()
    {
        Sentences[] rows = Sentences.Classes(80, 4, seed: 1);

        TrainingSummary summary = _ml.Transforms.MrlFineTuneEncoder(
            "Embedding", "Text", Encoder(rows), MrlObjective.Classification("Label"), [8, 32]).Fit(Sentences.View(_ml, rows))
            .Encoder.Training!;

        Assert.Equal(3, summary.Epochs);
    }

    [Fact]
    public void Fit_SomeEmptyTexts_WarnsAndLearnsFromTheOthers()
    {
        Sentences[] rows = [
            .. Sentences.Classes(80, 4, seed: 1), new Sentences { Text = "", Label = "class 0" },
            new Sentences { Text = "  ", Label = "class 1" }];

        TextEncoder got = Fit(Options(Encoder(rows)) with { Epochs = 1, Gate = HarmGate.Off }, rows).Encoder;

        Assert.Contains(_log, line => line.StartsWith("2 of 82 texts of column 'Text'", StringComparison.Ordinal));
        Assert.All(got.Encode(""), v => Assert.True(float.IsFinite(v)));
    }

    [Fact]
    public void Fit_WhatCannotBeLearnedFrom_IsRefused()
    {
        Sentences[] rows = Sentences.Classes(40, 2, seed: 1);
        TransformerTextEncoder encoder = Encoder(rows);
        Sentences[] empty = [.. rows.Select(r => new Sentences { Text = " ", Label = r.Label })];

        Assert.Contains(
            "None of the 40 texts", Assert.Throws<InvalidOperationException>(() => Fit(Options(encoder), empty)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "at least 2 usable rows", Assert.Throws<InvalidOperationException>(
                () => Fit(Options(encoder, MrlObjective.Pairs("Positive")), rows[..1])).Message, StringComparison.Ordinal);
        Assert.Contains(
            "the encoder has 32. Choose 1..32.", Assert.Throws<ArgumentOutOfRangeException>(
                "options", () => Fit(Options(encoder) with { OutputDimensions = 33 }, rows)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Could not find positive column 'None'", Assert.Throws<ArgumentOutOfRangeException>(
                () => Fit(Options(encoder, MrlObjective.Pairs("None")), rows)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Schema mismatch for input column 'Number': expected text", Assert.Throws<ArgumentOutOfRangeException>(
                () => Fit(Options(encoder) with { InputColumnName = "Number" }, rows)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "The argument 'validation' has no usable row", Assert.Throws<InvalidOperationException>(
                () => Fit(Options(encoder), rows, validation: Sentences.View(_ml, []))).Message, StringComparison.Ordinal);
        TextEncoder two = Fit(Options(encoder, MrlObjective.Pairs("Positive")) with { Epochs = 1 }, rows[..2]).Encoder;
        Assert.Equal(0, two.Training!.ValidationRows);
    }

    [Fact]
    public void Options_ThatMakeNoSense_AreReportedAtOnce()
    {
        TransformerTextEncoder encoder = Encoder(Sentences.Classes(4, 2, seed: 1));
        var wrong = new TransformerTrainingOptions
        {
            MiniBatchSize = 0, AccumulationSteps = 0, LearningRate = 0, DenseLearningRate = double.NaN, FrozenLayers = -1, Dropout = 1,
            MaxGradientNorm = 0,
            AdaptiveLayers = new() { PriorLayersWeight = -1, DivergenceWeight = double.NaN, DivergenceTemperature = 0 },
        };

        string message = Assert.Throws<ArgumentException>(
            "options", () => _ml.Transforms.MrlFineTuneEncoder(Options(encoder) with { Transformer = wrong })).Message;

        Assert.All(
            new[] { "MiniBatchSize is 0", "AccumulationSteps is 0", "Transformer.LearningRate is 0", "Transformer.DenseLearningRate is NaN",
                "FrozenLayers is -1", "Dropout is 1", "MaxGradientNorm is 0", "PriorLayersWeight is -1", "DivergenceWeight is NaN",
                "DivergenceTemperature is 0" },
            problem => Assert.Contains(problem, message, StringComparison.Ordinal));
        Assert.Contains("nothing would learn", Refused(new() { FrozenLayers = 2 }), StringComparison.Ordinal);
        Assert.Contains(
            "AdaptiveLayers need a layer that learns before the last one", Refused(new() { FrozenLayers = 1, AdaptiveLayers = new() }),
            StringComparison.Ordinal);

        string Refused(TransformerTrainingOptions training) =>
            Assert.Throws<ArgumentException>(
                "options", () => _ml.Transforms.MrlFineTuneEncoder(Options(encoder) with { Transformer = training })).Message;
    }

    private static void AssertShortPrefixesRise(double[] before, double[] after)
    {
        string scores = $"{string.Join(", ", before)} became {string.Join(", ", after)}";
        Assert.True(after[0] > before[0] + 0.25, scores);
        Assert.All(before.Zip(after), pair => Assert.True(pair.Second > pair.First + 0.08, scores));
    }

    private TransformerTextEncoder Encoder(Sentences[] rows, bool normalizes = false, double dropout = 0.1) =>
        TinyTransformer.Make(
            _folder["tiny"], rows.SelectMany(r => new[] { r.Text, r.Positive, r.Negative }), normalizes: normalizes, dropout: dropout);

    private EncodeTextTransformer Fit(
        MrlFineTuneEncoderOptions options, Sentences[] rows, IProgress<MrlProgress>? progress = null, IDataView? validation = null,
        CancellationToken cancellation = default) =>
        _ml.Transforms.MrlFineTuneEncoder(options).Fit(Sentences.View(_ml, rows), validation, progress, cancellation);

    private double[] Accuracy(TextEncoder encoder, Sentences[] train, Sentences[] test)
    {
        var model = new EncodeTextTransformer(_ml, [("Embedding", "Text")], encoder);
        DimensionReport report = _ml.Mrl().EvaluateClassification(
            model.Transform(Sentences.View(_ml, test)), "Embedding", "Label", model.Transform(Sentences.View(_ml, train)), [8, 16, 32]);
        return [.. report.Rows.Select(row => row["NearestCentroid"])];
    }

    private static string[] ChangedTensors(TransformerTextEncoder before, TransformerTextEncoder after) =>
        [.. before.Model.Weights.File.Tensors.Zip(after.Model.Weights.File.Tensors)
            .Where(pair => !pair.First.Bytes.AsSpan().SequenceEqual(pair.Second.Bytes)).Select(pair => pair.First.Name)];

    private static double Distance(TextEncoder encoder, string one, string other) =>
        Math.Sqrt(encoder.Encode(one).Zip(encoder.Encode(other), (a, b) => Math.Pow(a - b, 2)).Sum());
}
