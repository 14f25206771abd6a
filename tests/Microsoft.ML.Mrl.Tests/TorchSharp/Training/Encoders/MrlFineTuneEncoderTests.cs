using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.TorchSharp.Training.Encoders;
using TorchSharp;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;

[Collection(TorchCollection.Name)]
public class MrlFineTuneEncoderTests
{
    private readonly MLContext _ml = new(1);

    private static MrlFineTuneEncoderOptions Options(TextEncoder encoder, MrlObjective? objective = null) => new()
    {
        OutputColumnName = "Embedding",
        InputColumnName = "Text",
        Encoder = encoder,
        Objective = objective ?? MrlObjective.Classification("Label"),
        Epochs = 8,
        BatchSize = 64,
        Seed = 1,
    };

    private static StaticTextEncoder FromNothing(IEnumerable<Sentences> rows, int dimensions = 32) =>
        StaticTextEncoder.Create(rows.Select(r => r.Text), new StaticEncoderOptions { Dimensions = dimensions, Buckets = 64, Seed = 3 });

    [Fact]
    public void Fit_FromNothing_LearnsClassesThatPrefixesTell()
    {
        Sentences[] train = Sentences.Classes(800, 8, seed: 1);
        Sentences[] test = Sentences.Classes(400, 8, seed: 2);
        StaticTextEncoder encoder = FromNothing(train);
        IDataView view = Sentences.View(_ml, train), tests = Sentences.View(_ml, test);

        EncodeTextTransformer model = _ml.Transforms.MrlFineTuneEncoder(Options(encoder)).Fit(view);

        Assert.Equal(TrainingWinner.Learned, model.Encoder.Training!.Winner);
        Assert.Equal([8, 16, 32], model.Encoder.TrainedDimensions!);
        double[] before = Accuracy(new EncodeTextTransformer(_ml, [("Embedding", "Text")], encoder), view, tests);
        double[] after = Accuracy(model, view, tests);
        Assert.All(before.Zip(after), pair => Assert.True(pair.Second > pair.First + 0.2, $"{pair.First} became {pair.Second}"));
    }

    [Theory]
    [InlineData("pairs")]
    [InlineData("triplets")]
    [InlineData("scored")]
    [InlineData("same label")]
    [InlineData("unsupervised")]
    public void Fit_OtherObjectives_BeatTheUntrainedEncoderOrSaySo(string kind)
    {
        Sentences[] rows = kind == "scored" ? Sentences.ScoredPairs(2000, 4, seed: 1) : Sentences.Classes(800, 8, seed: 1);
        MrlObjective objective = kind switch
        {
            "pairs" => MrlObjective.Pairs("Positive", "Negative"),
            "triplets" => MrlObjective.Triplets("Positive", "Negative"),
            "scored" => MrlObjective.ScoredPairs("Positive", "Score"),
            "same label" => MrlObjective.SameLabel("Label"),
            _ => MrlObjective.Unsupervised(),
        };

        TextEncoder trained = _ml.Transforms.MrlFineTuneEncoder(Options(FromNothing(rows), objective) with { Epochs = 16 })
            .Fit(Sentences.View(_ml, rows)).Encoder;

        TrainingSummary summary = trained.Training!;
        Assert.Equal(3, summary.ValidationScores.Count);
        Assert.NotEqual(0, summary.Epochs);
        double won = summary.ValidationScores.Average(
            s => summary.Winner switch { TrainingWinner.Learned => s.Learned, TrainingWinner.Pca => s.Pca, _ => s.Raw });
        Assert.True(won >= summary.ValidationScores.Average(s => Math.Max(s.Raw, s.Pca)) - 0.02);
        Assert.True(kind == "unsupervised" || summary.Winner == TrainingWinner.Learned, summary.ToString());
    }

    [Fact]
    public void Fit_SameSeedTwice_SameBytes_OnAnyNumberOfThreads()
    {
        Sentences[] rows = Sentences.Classes(300, 4, seed: 1);
        StaticTextEncoder encoder = FromNothing(rows);
        int before = torch.get_num_threads();
        try
        {
            string[] prints = [.. new[] { 1, 3, 1 }.Select(threads =>
            {
                torch.set_num_threads(threads);
                return _ml.Transforms.MrlFineTuneEncoder(
                    Options(encoder, MrlObjective.Pairs("Positive")) with { Epochs = 3, Gate = HarmGate.Off })
                    .Fit(Sentences.View(_ml, rows)).Encoder.Fingerprint;
            })];

            Assert.Single(prints.Distinct());
            Assert.NotEqual(
                prints[0],
                _ml.Transforms.MrlFineTuneEncoder(
                    Options(encoder, MrlObjective.Pairs("Positive")) with { Epochs = 3, Gate = HarmGate.Off, Seed = 2 })
                    .Fit(Sentences.View(_ml, rows)).Encoder.Fingerprint);
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    [Fact]
    public void Fit_FromIdentity_LeavesRowsThatNoTextUses()
    {
        Sentences[] rows = Sentences.Classes(300, 4, seed: 1);
        StaticTextEncoder encoder = StaticTextEncoder.Create(
            [.. rows.Select(r => r.Text), "unused unused"], new StaticEncoderOptions { Dimensions = 16, Buckets = 8 });

        var trained = (StaticTextEncoder)_ml.Transforms.MrlFineTuneEncoder(
            Options(encoder) with { StartingPoint = StartingPoint.Identity, Gate = HarmGate.Off }).Fit(Sentences.View(_ml, rows)).Encoder;

        Assert.Equal(encoder.Encode("unused"), trained.Encode("unused"));
        Assert.NotEqual(encoder.Encode("common1"), trained.Encode("common1"));
        Assert.Equal(new float[16], trained.Content.Table[..16]);
    }

    [Fact]
    public void Fit_NothingToLearn_ReturnsTheUntrainedPrefixOrItsPca()
    {
        var random = new Random(5);
        Sentences[] rows = Sentences.Classes(300, 4, seed: 1);
        Array.ForEach(rows, r => r.Label = $"{random.Next(4)}");
        StaticTextEncoder encoder = FromNothing(rows, 16);

        var got = (StaticTextEncoder)_ml.Transforms.MrlFineTuneEncoder(Options(encoder) with { Epochs = 3 }).Fit(Sentences.View(_ml, rows))
            .Encoder;

        Assert.NotEqual(TrainingWinner.Learned, got.Training!.Winner);
        Assert.NotEqual("", got.Training.Verdict);
        // Raw or rotated, all distances are those of the untrained encoder.
        Assert.Equal(Distance(encoder, rows[0].Text, rows[1].Text), Distance(got, rows[0].Text, rows[1].Text), 1e-4);
    }

    [Theory]
    [InlineData(HarmGate.NoDimensionWorse)]
    [InlineData(HarmGate.Off)]
    public void Fit_NarrowerOutput_HasThatWidth(HarmGate gate)
    {
        Sentences[] rows = Sentences.Classes(200, 4, seed: 1);

        TextEncoder got = _ml.Transforms.MrlFineTuneEncoder(
            Options(FromNothing(rows)) with { OutputDimensions = 12, Epochs = 2, Gate = gate }).Fit(Sentences.View(_ml, rows)).Encoder;

        Assert.Equal(12, got.Dimensions);
        Assert.Equal([12], got.TrainedDimensions!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_EncoderThatIsCut_IsAsNarrow(bool isNormalized)
    {
        Sentences[] rows = Sentences.Classes(200, 4, seed: 1);
        TextEncoder cut = new StaticTextEncoder(FromNothing(rows).Content with { IsNormalized = isNormalized, TrainedDimensions = [8] })
            .WithDimensions(6);
        MrlFineTuneEncoderEstimator estimator = _ml.Transforms.MrlFineTuneEncoder(Options(cut) with { Epochs = 2, Gate = HarmGate.Off });
        IDataView view = Sentences.View(_ml, rows);

        var got = (StaticTextEncoder)estimator.Fit(view).Encoder;

        Assert.Equal((6, 6, isNormalized), (got.Dimensions, got.FullDimensions, got.IsNormalized));
        Assert.Equal(6, got.TrainedDimensions!.Largest);
        Assert.True(estimator.GetOutputSchema(SchemaShape.Create(view.Schema)).TryFindColumn("Embedding", out SchemaShape.Column column));
        Assert.Equal(isNormalized, column.Annotations.TryFindColumn("IsNormalized", out _));
    }

    [Fact]
    public void Fit_EncoderWithSharedRowsAndWeights_GivesEachTokenItsOwn()
    {
        var encoder = new StaticTextEncoder(
            StaticEncoders.Content() with { Table = [1, 2, 3, 4, 5, 7], Mapping = [0, 1, 1, 0, 1], TokenWeights = [1, 0.5f, 2, 1, 3] });

        StaticTextEncoder expanded = RowPerToken.Of(encoder);

        Assert.Null(expanded.Content.Mapping);
        Assert.Null(expanded.Content.TokenWeights);
        Assert.All(
            encoder.Encode("cat dog dog the").Zip(expanded.Encode("cat dog dog the")), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        Assert.Same(expanded, RowPerToken.Of(expanded));
        Sentences[] rows = [
            .. Enumerable.Range(0, 40).Select(i => new Sentences { Text = i % 2 == 0 ? "cat the" : "dog the", Label = $"{i % 2}" })];
        Assert.Equal(
            3, _ml.Transforms.MrlFineTuneEncoder(Options(encoder) with { Dimensions = [1, 3], Epochs = 2 }).Fit(Sentences.View(_ml, rows))
            .Encoder.Dimensions);
    }

    [Fact]
    public void Fit_ValidationData_IsWhatTheWinnerIsChosenBy()
    {
        Sentences[] rows = Sentences.Classes(200, 4, seed: 1);
        IDataView held = Sentences.View(_ml, Sentences.Classes(60, 4, seed: 2));

        TrainingSummary summary = _ml.Transforms.MrlFineTuneEncoder(Options(FromNothing(rows)) with { Epochs = 2 })
            .Fit(Sentences.View(_ml, rows), held).Encoder.Training!;

        Assert.Equal((200, 60), (summary.TrainingRows, summary.ValidationRows));
        IDataView withoutText = _ml.Transforms.SelectColumns("Label").Fit(held).Transform(held);
        Assert.StartsWith("Could not find input column 'Text'", Assert.Throws<ArgumentOutOfRangeException>("validation", () =>
            _ml.Transforms.MrlFineTuneEncoder(Options(FromNothing(rows))).Fit(Sentences.View(_ml, rows), withoutText))
                .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OtherRowsHeldBack_StartsAndLearnsTheSame()
    {
        Sentences[] rows = Sentences.Classes(280, 4, seed: 1);
        StaticTextEncoder encoder = FromNothing(rows);

        double[] losses = Losses(rows[200..240]);

        Assert.Equal(3, losses.Distinct().Count());
        Assert.Equal(losses, Losses(rows[240..]));

        double[] Losses(Sentences[] held)
        {
            var losses = new List<double>();
            var progress = new HeardProgress(p => losses.AddRange(double.IsNaN(p.ValidationScore) ? [] : [p.Loss]));
            _ml.Transforms.MrlFineTuneEncoder(Options(encoder) with { Epochs = 3, BatchSize = 32, Patience = 3 })
                .Fit(Sentences.View(_ml, rows[..200]), Sentences.View(_ml, held), progress);
            return [.. losses];
        }
    }

    [Fact]
    public void Fit_Cancelled_ReturnsTheBestSoFar()
    {
        Sentences[] rows = Sentences.Classes(300, 4, seed: 1);
        using var source = new CancellationTokenSource();
        var progress = new HeardProgress(p =>
        {
            if (p.Phase == MrlPhase.Training && p.Epoch == 2)
            {
                source.Cancel();
            }
        });

        TextEncoder got = _ml.Transforms.MrlFineTuneEncoder(Options(FromNothing(rows)) with { Epochs = 1000 })
            .Fit(Sentences.View(_ml, rows), null, progress, source.Token).Encoder;

        Assert.True(got.Training!.Cancelled);
        Assert.InRange(got.Training.Epochs, 2, 3);
    }

    [Fact]
    public void Fit_ManySteps_NoMoreTensorsAliveAfterEachEpoch()
    {
        Sentences[] rows = Sentences.Classes(200, 4, seed: 1);
        var counts = new List<long>();
        var progress = new HeardProgress(p =>
        {
            if (!double.IsNaN(p.ValidationScore))
            {
                counts.Add(torch.Tensor.TotalCount);
            }
        });

        _ml.Transforms.MrlFineTuneEncoder(Options(FromNothing(rows)) with { Epochs = 12, Patience = 12 })
            .Fit(Sentences.View(_ml, rows), null, progress);

        Assert.Equal(12, counts.Count);
        Assert.True(counts[^1] <= counts[1], $"Tensors after each epoch: {string.Join(", ", counts)}.");
    }

    [Fact]
    public void FittedModel_SavedAndLoaded_GivesTheSameEmbeddings()
    {
        Sentences[] rows = Sentences.Classes(200, 4, seed: 1);
        IDataView view = Sentences.View(_ml, rows);
        EncodeTextTransformer model = _ml.Transforms.MrlFineTuneEncoder(
            "Embedding", "Text", FromNothing(rows), MrlObjective.Classification("Label"), [8, 32]).Fit(view);
        var stream = new MemoryStream();
        _ml.Model.Save(model, view.Schema, stream);
        stream.Position = 0;

        ITransformer loaded = new MLContext().Model.Load(stream, out _);

        Assert.Equal(SampleVectors.Read(model.Transform(view), "Embedding"), SampleVectors.Read(loaded.Transform(view), "Embedding"));
        EncodeTextTransformer step = Assert.IsType<EncodeTextTransformer>(
            loaded is IEnumerable<ITransformer> chain ? chain.Single() : loaded);
        Assert.Equal(model.Encoder.Training!.ToString(), step.Encoder.Training!.ToString());
        string folder = Directory.CreateTempSubdirectory("mrl-tests-").FullName;
        model.Encoder.Save(folder);
        Assert.Equal(model.Encoder.Fingerprint, TextEncoder.Load(folder).Fingerprint);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Fit_SomeTextsWithoutAKnownToken_WarnsAndLearnsFromTheOthers()
    {
        Sentences[] rows = [
            .. Sentences.Classes(200, 4, seed: 1), new Sentences { Text = "", Label = "class 0" },
            new Sentences { Text = "zzz", Label = "class 1" }];
        StaticTextEncoder encoder = StaticTextEncoder.Create(
            rows.Select(r => r.Text), new StaticEncoderOptions { Dimensions = 16, Buckets = 0 });
        var warnings = new List<string>();
        _ml.Log += (_, e) => warnings.Add(e.Message);

        TextEncoder got = _ml.Transforms.MrlFineTuneEncoder(Options(encoder) with { Epochs = 2 }).Fit(Sentences.View(_ml, rows)).Encoder;

        Assert.Contains(warnings, w => w.Contains("2 of 202 texts", StringComparison.Ordinal));
        Assert.Equal(new float[16], got.Encode(""));
        Assert.All(got.Encode("common1 topic0x1"), v => Assert.True(float.IsFinite(v)));
    }

    [Fact]
    public void Fit_WhatCannotBeLearnedFrom_IsRefused()
    {
        Sentences[] rows = Sentences.Classes(50, 2, seed: 1);
        IDataView view = Sentences.View(_ml, rows);
        StaticTextEncoder foreign = StaticTextEncoder.Create(["autre autre"], new StaticEncoderOptions { Dimensions = 4, Buckets = 0 });

        Assert.Contains(
            "None of the 50 texts", Assert.Throws<InvalidOperationException>(
                () => _ml.Transforms.MrlFineTuneEncoder(Options(foreign)).Fit(view)).Message, StringComparison.Ordinal);
        Assert.Contains("the encoder has 32. Choose 1..32.", Assert.Throws<ArgumentOutOfRangeException>("options", () =>
            _ml.Transforms.MrlFineTuneEncoder(Options(FromNothing(rows)) with { OutputDimensions = 33 }).Fit(view))
                .Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Schema mismatch for input column 'Number': expected text, got Single", Assert.Throws<ArgumentOutOfRangeException>(() =>
            _ml.Transforms.MrlFineTuneEncoder(Options(FromNothing(rows)) with { InputColumnName = "Number" }).Fit(view))
                .Message, StringComparison.Ordinal);
        Assert.StartsWith("Schema mismatch for positive column 'Number': expected text", Assert.Throws<ArgumentOutOfRangeException>(() =>
            _ml.Transforms.MrlFineTuneEncoder(Options(FromNothing(rows), MrlObjective.Pairs("Number"))).Fit(view))
                .Message, StringComparison.Ordinal);
        Assert.StartsWith("Schema mismatch for positive column 'Number'", Assert.Throws<ArgumentOutOfRangeException>(() =>
            _ml.Transforms.MrlFineTuneEncoder(Options(FromNothing(rows), MrlObjective.Pairs("Number")))
                .GetOutputSchema(SchemaShape.Create(view.Schema))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_ThatDoNotFitAnEncoder_AreRefused()
    {
        StaticTextEncoder encoder = StaticEncoders.OfWords();

        Assert.Throws<ArgumentNullException>(() => _ml.Transforms.MrlFineTuneEncoder(Options(null!)));
        Assert.Contains(
            "Transformer is set, but the encoder is static",
            Assert.Throws<ArgumentException>(
                "options", () => _ml.Transforms.MrlFineTuneEncoder(Options(encoder) with { Transformer = new() }))
                .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetOutputSchema_IsThatOfTheFittedTransformer()
    {
        Sentences[] rows = Sentences.Classes(60, 2, seed: 1);
        IDataView view = Sentences.View(_ml, rows);
        MrlFineTuneEncoderEstimator estimator = _ml.Transforms.MrlFineTuneEncoder(Options(FromNothing(rows)) with { Epochs = 1 });

        SchemaShape.Column shape = estimator.GetOutputSchema(SchemaShape.Create(view.Schema)).Single(c => c.Name == "Embedding");
        DataViewSchema.Column column = estimator.Fit(view).GetOutputSchema(view.Schema)["Embedding"];

        Assert.Equal(column.Annotations.Schema.Select(a => a.Name).Order(), shape.Annotations.Select(a => a.Name).Order());
    }

    private double[] Accuracy(ITransformer model, IDataView train, IDataView test)
    {
        DimensionReport report = _ml.Mrl()
            .EvaluateClassification(model.Transform(test), "Embedding", "Label", model.Transform(train), [8, 16, 32]);
        return [.. report.Rows.Select(row => row["NearestCentroid"])];
    }

    private static double Distance(StaticTextEncoder encoder, string one, string other) =>
        Math.Sqrt(encoder.Encode(one).Zip(encoder.Encode(other), (a, b) => Math.Pow(a - b, 2)).Sum());
}
