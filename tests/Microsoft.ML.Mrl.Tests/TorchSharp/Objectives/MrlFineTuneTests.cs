using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

/// <summary>Trainings from end to end on data whose signal a raw or PCA prefix does not see.</summary>
[Collection(TorchCollection.Name)]
public class MrlFineTuneTests
{
    private readonly MLContext _context = new(seed: 1);
    private readonly List<string> _log = [];

    public MrlFineTuneTests() => _context.Log += (_, e) => _log.Add($"{e.Kind}: {e.RawMessage}");

    [Theory]
    [InlineData(WeightTying.Separate)]
    [InlineData(WeightTying.Shared)]
    public void Classification_HiddenClasses_LearnedBeatsPcaOnUnseenRows(WeightTying tying)
    {
        Example[] rows = Synthetic.Classes(500, 6, seed: 1);
        MrlTransformer transformer = Fit(MrlObjective.Classification("Label", tying), rows[..300], ["Input", "Label"], [4, 8, 24]);

        AssertLearnedWon(
            transformer, "accuracy", tying == WeightTying.Separate ? "Classification(Label)" : "Classification(Label, Shared)");
        // The classes' centres in the prefix, from the training rows, find the class of the unseen ones.
        foreach (int m in new[] { 4, 8 })
        {
            double learned = CentroidAccuracy(transformer.Head, rows[..300], rows[300..], m);
            double pca = CentroidAccuracy(Rotation(rows[..300], m), rows[..300], rows[300..], m);
            Assert.True(learned > 0.8 && learned > pca + 0.2, $"At {m}: learned {learned}, PCA {pca}.");
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Negative")]
    public void Pairs_HiddenPartners_LearnedWins(string? negative)
    {
        MrlTransformer transformer = Fit(
            MrlObjective.Pairs("Positive", negative), Synthetic.Pairs(300, seed: 2), ["Input", "Positive", "Negative"], [8, 24]);

        AssertLearnedWon(transformer, "MRR@10", negative is null ? "Pairs(Positive)" : "Pairs(Positive, Negative)");
    }

    [Theory]
    [InlineData(ScoredPairsLoss.CoSent, "ScoredPairs(Positive, Score)")]
    [InlineData(ScoredPairsLoss.CosineMse, "ScoredPairs(Positive, Score, CosineMse)")]
    public void ScoredPairs_HiddenLikeness_LearnedWins(ScoredPairsLoss loss, string name)
    {
        MrlTransformer transformer = Fit(
            MrlObjective.ScoredPairs("Positive", loss: loss), Synthetic.ScoredPairs(800, seed: 3), ["Input", "Positive", "Score"], [8, 24]);

        AssertLearnedWon(transformer, "Spearman", name);
    }

    [Fact]
    public void ScoredPairs_ByAngle_LearnedBeatsPcaInTheMeanAndHarmsNoDimension()
    {
        TrainingSummary summary = Fit(
            MrlObjective.ScoredPairs("Positive", loss: ScoredPairsLoss.AnglE), Synthetic.ScoredPairs(800, seed: 3),
            ["Input", "Positive", "Score"], [8, 24]).Head.Training!;

        // The angle is learned, but the score is that of cosines, so it gains less than by CoSENT.
        Assert.Equal("ScoredPairs(Positive, Score, AnglE)", summary.Objective);
        Assert.True(
            summary.ValidationScores.Average(s => s.Learned) > summary.ValidationScores.Average(s => s.Pca),
            string.Join("; ", summary.ValidationScores));
        Assert.All(summary.ValidationScores, score => Assert.True(score.High >= 0, string.Join("; ", summary.ValidationScores)));
    }

    [Theory]
    [InlineData(ContrastDirection.OneWay, "Pairs(Positive, Negative, Negative2)")]
    [InlineData(ContrastDirection.Symmetric, "Pairs(Positive, Negative, Negative2, Symmetric)")]
    public void Pairs_AllOptions_LearnedWins(ContrastDirection direction, string name)
    {
        Example[] rows = Synthetic.Pairs(300, seed: 2);
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i].Number = i / 2;
        }
        MrlTransformer transformer = Fit(
            MrlObjective.Pairs(new PairsOptions
            {
                PositiveColumnName = "Positive",
                NegativeColumnNames = ["Negative", "Negative2"],
                LabelColumnName = "Number",
                Direction = direction,
                SimilarityMargin = 0.1,
            }),
            rows, ["Input", "Positive", "Negative", "Negative2", "Number"], [8, 24]);

        AssertLearnedWon(transformer, "MRR@10", name);
    }

    [Fact]
    public void Triplets_HiddenPartners_LearnedWins() => AssertLearnedWon(
        Fit(MrlObjective.Triplets("Positive", "Negative"), Synthetic.Pairs(400, seed: 2), ["Input", "Positive", "Negative"], [8, 24]),
        "triplet accuracy", "Triplets(Positive, Negative)");

    [Fact]
    public void SameLabel_HiddenClasses_LearnedWins() => AssertLearnedWon(
        Fit(MrlObjective.SameLabel("Label"), Synthetic.Classes(300, 6, seed: 1), ["Input", "Label"], [4, 8, 24]), "accuracy",
        "SameLabel(Label)");

    [Fact]
    public void Distillation_TeacherOfAnotherWidthThatSeesTheSignal_LearnedWins() => AssertLearnedWon(
        Fit(MrlObjective.Distillation("Teacher"), Synthetic.Pairs(300, seed: 2), ["Input", "Teacher"], [8, 24]), "neighbour overlap@10",
        "Distillation(Teacher)");

    [Fact]
    public void Unsupervised_FewLongVectorsThatPcaFollows_LearnedWins()
    {
        // One row in ten is long and lies in the first four columns, which so have most of the variance; all others are short and lie in
        // the last six.
        var random = new Random(2);
        Example[] rows = [
            .. Enumerable.Range(0, 400)
            .Select(i =>
                new Example { Input = Example.Dense(
                    [.. Enumerable.Range(0, Synthetic.Width).Select(k => Synthetic.Gaussian(random) * Size(i, k))]) })];

        MrlTransformer transformer = Fit(MrlObjective.Unsupervised(), rows, ["Input"], [4, 8, 24]);

        // A linear head loses some neighbours at the full width, which is less than it gains at the others.
        AssertLearnedWon(transformer, "neighbour overlap@10", "Unsupervised()", margin: 0.05);
        // The whole raw vector is the original.
        Assert.Equal(1, transformer.Head.Training!.ValidationScores[^1].Raw, 1e-3);

        static float Size(int row, int column) => row % 10 == 0 ? (column < 4 ? 30 : 0) : column >= Synthetic.Width - 6 ? 1 : 0.02f;
    }

    [Fact]
    public void Weighted_ClassesAndPartners_ScoreIsTheMeanByWeight()
    {
        Example[] rows = Synthetic.Pairs(300, seed: 2);
        MrlObjective triplets = MrlObjective.Triplets("Positive", "Negative");
        MrlObjective pairs = MrlObjective.Pairs("Positive");
        string[] columns = ["Input", "Positive", "Negative"];

        TrainingSummary both = Fit(MrlObjective.Weighted((pairs, 3), (triplets, 1)), rows, columns, [8, 24]).Head.Training!;
        TrainingSummary one = Fit(pairs, rows, columns, [8, 24]).Head.Training!;
        TrainingSummary other = Fit(triplets, rows, columns, [8, 24]).Head.Training!;

        Assert.Equal(
            ("weighted MRR@10 and triplet accuracy", "Weighted(3 * Pairs(Positive), 1 * Triplets(Positive, Negative))"),
            (both.ScoreName, both.Objective));
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal((3 * one.ValidationScores[i].Raw + other.ValidationScores[i].Raw) / 4, both.ValidationScores[i].Raw, 1e-6);
        }
        Assert.Equal(TrainingWinner.Learned, both.Winner);
    }

    [Fact]
    public void Classification_LabelSmoothing_ChangesWhatIsLearned()
    {
        Example[] rows = Synthetic.Classes(100, 4, seed: 9);
        EmbeddingHead hard = Fit(
            MrlObjective.Classification("Label"), rows, ["Input", "Label"], [4, 24], o => o with { Epochs = 3, ValidationFraction = 0 })
            .Head;
        EmbeddingHead smooth = Fit(
            MrlObjective.Classification("Label", labelSmoothing: 0.3), rows, ["Input", "Label"], [4, 24],
            o => o with { Epochs = 3, ValidationFraction = 0 }).Head;

        Assert.NotEqual(hard.Fingerprint, smooth.Fingerprint);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Classification_RandomLabels_WinnerLogAndScoresAgree(int seed)
    {
        MrlTransformer transformer = Fit(
            MrlObjective.Classification("Label"), Synthetic.RandomLabels(200, 4, seed), ["Input", "Label"], [8, 24]);

        AssertWinnerAgreesWithScores(transformer.Head);
    }

    [Fact]
    public void Fit_PcaAlreadyPerfect_PcaIsReturnedAndTheLogSaysSo()
    {
        // Three classes far apart: nothing can do better.
        Example[] rows = Synthetic.Classes(90, 3, seed: 13);
        foreach (Example row in rows)
        {
            float[] values = row.Input.GetValues().ToArray();
            values[^(1 + row.Number)] += 200;
            row.Input = Example.Dense(values);
        }

        Example[] learned = rows[..72];

        EmbeddingHead head = Fit(
            MrlObjective.Classification("Label"), learned, ["Input", "Label"], [4, 24], o => o with { Epochs = 3 },
            Example.View(_context, rows[72..], Synthetic.Width, "Input", "Label")).Head;

        Assert.Equal(TrainingWinner.Pca, head.Training!.Winner);
        AssertWinnerAgreesWithScores(head);
        Assert.All(Rotation(learned, 24).Apply(rows[0]).Zip(head.Apply(rows[0])), pair => Assert.Equal(pair.First, pair.Second, 1e-2));
    }

    [Fact]
    public void Fit_RawPrefixBest_RawIsReturnedAndTheLogSaysSo()
    {
        // The signal comes first, so a raw prefix has all of it; a rate this low learns nothing.
        Example[] rows = Synthetic.Classes(200, 6, seed: 14);
        Array.ForEach(rows, row => row.Input = Example.Dense([.. row.Input.GetValues().ToArray().Reverse()]));

        EmbeddingHead head = Fit(
            MrlObjective.Classification("Label"), rows, ["Input", "Label"], [6, 12], o => o with { Epochs = 2, LearningRate = 1e-6 }).Head;

        Assert.Equal(TrainingWinner.Raw, head.Training!.Winner);
        AssertWinnerAgreesWithScores(head);
        Assert.Equal(rows[0].Input.GetValues()[..12].ToArray(), head.Apply(rows[0]));
    }

    [Fact]
    public void Fit_OutputNarrowerThanTheInput_HeadOfThatWidth()
    {
        MrlTransformer transformer = Fit(
            MrlObjective.Classification("Label"), Synthetic.Classes(100, 4, seed: 7), ["Input", "Label"], null,
            o => o with { OutputDimensions = 16, Epochs = 2 });

        Assert.Equal((Synthetic.Width, 16), (transformer.Head.InputDimensions, transformer.Head.OutputDimensions));
        Assert.Equal([8, 16], transformer.Head.TrainedDimensions);
    }

    [Theory]
    [InlineData(WeightTying.Separate)]
    [InlineData(WeightTying.Shared)]
    public void Fit_DimensionsBelowTheOutput_HeadOfTheOutputsWidth(WeightTying tying)
    {
        MrlTransformer transformer = Fit(
            MrlObjective.Classification("Label", tying), Synthetic.Classes(100, 4, seed: 7), ["Input", "Label"], [2, 7],
            o => o with { OutputDimensions = 20, Epochs = 2 });

        Assert.Equal(20, transformer.Head.OutputDimensions);
        Assert.Equal([2, 7], transformer.Head.TrainedDimensions);
    }

    [Fact]
    public void Fit_NothingSaid_FullWidthAndItsHalves()
    {
        MrlTransformer transformer = Fit(
            MrlObjective.Classification("Label"), Synthetic.Classes(100, 4, seed: 7), ["Input", "Label"], null, o => o with { Epochs = 1 });

        Assert.Equal(Synthetic.Width, transformer.Head.OutputDimensions);
        Assert.Equal([12, 24], transformer.Head.TrainedDimensions);
    }

    [Fact]
    public void Fit_WideSparseInput_NarrowsTo256AndSaysSo()
    {
        const int Wide = 1200;
        Example[] rows = Synthetic.WideSparse(300, Wide, 5, seed: 8);
        IDataView data = Example.View(_context, rows, Wide, "Input", "Label");

        MrlTransformer transformer = _context.Transforms.MrlFineTune(
            Options(MrlObjective.Classification("Label"), null) with { Epochs = 2 }).Fit(data);

        Assert.Equal((Wide, 256), (transformer.Head.InputDimensions, transformer.Head.OutputDimensions));
        Assert.Contains(
            _log, line => line.Contains(
                "Column 'Input' has 1200 values, so the output has 256. Set OutputDimensions to choose.", StringComparison.Ordinal));
        IDataView output = transformer.Transform(data);
        Assert.All(output.GetColumn<float[]>("Embedding"), row => Assert.All(row, value => Assert.True(float.IsFinite(value))));
    }

    [Fact]
    public void Fit_DimensionWeights_ChangeWhatIsLearned()
    {
        Example[] rows = Synthetic.Classes(100, 4, seed: 9);
        EmbeddingHead even = Fit(
            MrlObjective.Classification("Label"), rows, ["Input", "Label"], [4, 24], o => o with { Epochs = 3, ValidationFraction = 0 })
            .Head;
        EmbeddingHead uneven = Fit(
            MrlObjective.Classification("Label"), rows, ["Input", "Label"], [4, 24],
            o => o with { Epochs = 3, ValidationFraction = 0, DimensionWeights = [10, 0.1f] }).Head;

        Assert.NotEqual(even.Fingerprint, uneven.Fingerprint);
    }

    [Fact]
    public void Fit_NothingHeldBack_LastEpochAndAWarning()
    {
        TrainingSummary summary = Fit(
            MrlObjective.Classification("Label"), Synthetic.Classes(60, 3, seed: 10), ["Input", "Label"], [8],
            o => o with { Epochs = 3, ValidationFraction = 0 }).Head.Training!;

        Assert.Equal(
            (TrainingWinner.Learned, 3, 3, 0, ""),
            (summary.Winner, summary.Epochs, summary.BestEpoch, summary.ValidationRows, summary.ScoreName));
        Assert.Empty(summary.ValidationScores);
        Assert.Contains(_log, line => line.StartsWith("Warning: No rows were held back", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_MissingLabels_WarnsHowMany()
    {
        Example[] rows = Synthetic.Classes(60, 3, seed: 11);
        rows[5].Label = rows[17].Label = "";

        TrainingSummary summary = Fit(MrlObjective.Classification("Label"), rows, ["Input", "Label"], [8], o => o with { Epochs = 1 })
            .Head.Training!;

        Assert.Equal(58, summary.TrainingRows + summary.ValidationRows);
        Assert.Contains(_log, line => line.StartsWith("Warning: 2 of 60 rows have no label or score", StringComparison.Ordinal));
    }

    [Fact]
    public void SavedAndLoaded_InAModel_SameBytesAndSameVectors()
    {
        Example[] rows = Synthetic.Classes(80, 4, seed: 12);
        IDataView data = Example.View(_context, rows, Synthetic.Width, "Input", "Label");
        MrlTransformer before = _context.Transforms.MrlFineTune(Options(MrlObjective.Classification("Label"), [4, 24]) with { Epochs = 3 })
            .Fit(data);
        using var stream = new MemoryStream();

        _context.Model.Save(before, data.Schema, stream);
        stream.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(stream, out _);

        var after = Assert.IsType<MrlTransformer>(loaded is TransformerChain<ITransformer> chain ? chain.LastTransformer : loaded);
        Assert.Equal(Bytes(before.Head), Bytes(after.Head));
        Assert.Equal(before.Head.Training!.Winner, after.Head.Training!.Winner);
        Assert.Equal(before.Transform(data).GetColumn<float[]>("Embedding"), after.Transform(data).GetColumn<float[]>("Embedding"));
    }

    private static MrlFineTuneOptions Options(MrlObjective objective, MatryoshkaDimensions? dimensions) => new()
    {
        Head = HeadKind.Linear,
        OutputColumnName = "Embedding",
        InputColumnName = "Input",
        Objective = objective,
        Dimensions = dimensions,
        BatchSize = 32,
        Epochs = 25,
        LearningRate = 0.02,
        ValidationFraction = 0.2,
    };

    private MrlTransformer Fit(
        MrlObjective objective, Example[] rows, string[] columns, MatryoshkaDimensions? dimensions,
        Func<MrlFineTuneOptions, MrlFineTuneOptions>? change = null,
        IDataView? validation = null)
    {
        MrlFineTuneOptions options = Options(objective, dimensions);
        return _context.Transforms.MrlFineTune(change is null ? options : change(options))
            .Fit(Example.View(_context, rows, Synthetic.Width, columns), validation);
    }

    private void AssertLearnedWon(MrlTransformer transformer, string score, string objective, double margin = 0.1)
    {
        TrainingSummary summary = transformer.Head.Training!;
        Assert.True(summary.Winner == TrainingWinner.Learned, $"{summary.Winner} won: {string.Join("; ", summary.ValidationScores)}.");
        Assert.Equal((score, objective), (summary.ScoreName, summary.Objective));
        Assert.Equal(transformer.Head.TrainedDimensions, summary.ValidationScores.Select(s => s.Dimensions));
        Assert.True(summary.BestEpoch > 0);
        Assert.True(
            summary.ValidationScores.Average(s => s.Learned) > summary.ValidationScores.Average(s => s.Pca) + margin,
            string.Join("; ", summary.ValidationScores.Select(s => $"{s.Dimensions}: raw {s.Raw}, PCA {s.Pca}, learned {s.Learned}")));
        Assert.True(summary.ValidationScores.Average(s => s.Learned) >= summary.ValidationScores.Average(s => s.Raw));
        Assert.DoesNotContain(_log, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    private void AssertWinnerAgreesWithScores(EmbeddingHead head)
    {
        TrainingSummary summary = head.Training!;
        double raw = summary.ValidationScores.Average(s => s.Raw);
        double pca = summary.ValidationScores.Average(s => s.Pca);
        double learned = summary.ValidationScores.Average(s => s.Learned);
        TrainingWinner baseline = raw > pca ? TrainingWinner.Raw : TrainingWinner.Pca;
        string name = baseline == TrainingWinner.Raw ? "raw" : "PCA";
        bool isAhead = learned > pca && learned >= raw;
        Assert.Contains(summary.Winner, isAhead ? [TrainingWinner.Learned, baseline] : new[] { baseline });
        string? warning = _log.SingleOrDefault(line => line.StartsWith("Warning", StringComparison.Ordinal));
        if (summary.Winner == TrainingWinner.Learned)
        {
            Assert.Null(warning);
        }
        else if (isAhead)
        {
            Assert.Contains("Learning is ahead in the mean over dimensions on ", warning, StringComparison.Ordinal);
            Assert.Contains($"The {name} prefix is returned.", warning, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains(
                $"Learning did not beat the {name} prefix on {summary.ValidationRows} rows held back (accuracy: raw {raw:F4}, PCA {pca:F4}, learned {learned:F4})", warning, StringComparison.Ordinal);
        }
    }

    private EmbeddingHead Rotation(Example[] rows, int dimensions) =>
        _context.Transforms.PcaRotate("Embedding", "Input", dimensions).Fit(Example.View(_context, rows, Synthetic.Width, "Input")).Head;

    private static double CentroidAccuracy(EmbeddingHead head, Example[] known, Example[] unseen, int m)
    {
        (string Label, float[] Centre)[] centres = [
            .. known.GroupBy(row => row.Label).Select(group => (group.Key, Mean([.. group.Select(Embed)])))];
        return unseen.Average(row => centres.MaxBy(c => Dot(c.Centre, Embed(row))).Label == row.Label ? 1.0 : 0);

        float[] Embed(Example row)
        {
            var result = new float[m];
            head.Apply(row.Input.GetValues(), result);
            float length = MathF.Sqrt(Dot(result, result));
            return Array.ConvertAll(result, v => v / length);
        }

        static float[] Mean(float[][] vectors)
        {
            float[] mean = [.. Enumerable.Range(0, vectors[0].Length).Select(k => vectors.Average(v => v[k]))];
            float length = MathF.Sqrt(Dot(mean, mean));
            return Array.ConvertAll(mean, v => v / length);
        }

        static float Dot(float[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum();
    }

    private static byte[] Bytes(EmbeddingHead head)
    {
        using var stream = new MemoryStream();
        head.Save(stream);
        return stream.ToArray();
    }
}
