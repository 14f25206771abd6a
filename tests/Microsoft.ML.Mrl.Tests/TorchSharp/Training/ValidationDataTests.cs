using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training;

[Collection(TorchCollection.Name)]
public sealed class ValidationDataTests : IDisposable
{
    private readonly MLContext _context = new();
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"mrl-validation-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void Fit_HoldsBackAllOfItAndNothingElse()
    {
        TrainingSummary summary = Fit(Options(), Synthetic.Classes(70, 4, seed: 2)).Training!;

        Assert.Equal(200, summary.TrainingRows);
        Assert.Equal(70, summary.ValidationRows);
    }

    [Fact]
    public void Fit_FractionPlaysNoPart() =>
        Assert.Equal(
            Fit(Options() with { ValidationFraction = 0.5 }, Synthetic.Classes(70, 4, seed: 2)).Fingerprint,
            Fit(Options() with { ValidationFraction = 0 }, Synthetic.Classes(70, 4, seed: 2)).Fingerprint);

    [Fact]
    public void Fit_SameRowsAsBothParts_IsAllowed()
    {
        TrainingSummary summary = Fit(Options(), Synthetic.Classes(200, 4, seed: 1)).Training!;

        Assert.Equal((200, 200), (summary.TrainingRows, summary.ValidationRows));
    }

    [Fact]
    public void Fit_ValidationRowsWithoutLabel_AreLeftOut()
    {
        Example[] rows = Synthetic.Classes(20, 4, seed: 2);
        rows[3].Label = "";

        Assert.Equal(19, Fit(Options(), rows).Training!.ValidationRows);
    }

    [Fact]
    public void Fit_ClassThatNoTrainingRowHas_CountsAsWrong()
    {
        Example[] all = Synthetic.Classes(240, 4, seed: 1);
        Example[] rows = all[200..];
        double known = Fit(Options(), rows, all[..200]).Training!.ValidationScores[^1].Pca;
        Array.ForEach(rows[..20], row => row.Label = "never seen");

        TrainingSummary summary = Fit(Options(), rows, all[..200]).Training!;

        Assert.True(known > 0.5, $"{known}");
        Assert.True(summary.ValidationScores[^1].Pca <= 0.5);
    }

    [Fact]
    public void Fit_OneClassToTrainOn_ThrowsWhateverTheValidationHas()
    {
        Example[] training = Synthetic.Classes(40, 4, seed: 1);
        Array.ForEach(training, row => row.Label = "one");

        var e = Assert.Throws<InvalidOperationException>(() => Fit(Options(), Synthetic.Classes(40, 4, seed: 2), training));

        Assert.Contains("Label", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Fit_NoUsableValidationRow_SaysSo(int rowsWithoutLabel)
    {
        Example[] rows = [.. Synthetic.Classes(10, 4, seed: 2).Take(rowsWithoutLabel)];
        Array.ForEach(rows, row => row.Label = "");

        Assert.Contains(
            "The argument 'validation' has no usable row", Assert.Throws<InvalidOperationException>(() => Fit(Options(), rows)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_ColumnMissing_NamesItAndTheArgument()
    {
        IDataView held = Example.View(_context, Synthetic.Classes(10, 2, seed: 1), Synthetic.Width, nameof(Example.Input));

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => Fit(Options(), held));

        Assert.Contains("Could not find label column 'Label'", e.Message, StringComparison.Ordinal);
        Assert.Equal("validation", e.ParamName);
    }

    [Fact]
    public void Fit_AnotherWidth_NamesBoth()
    {
        Example[] rows = [new Example { Input = Example.Dense(1, 2, 3), Label = "a" }];
        IDataView held = Example.View(_context, rows, 3, nameof(Example.Input), nameof(Example.Label));

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => Fit(Options(), held));

        Assert.Contains(
            $"expected Vector<Single, {Synthetic.Width}> as in the training data, got Vector<Single, 3>", e.Message,
            StringComparison.Ordinal);
        Assert.Equal("validation", e.ParamName);
    }

    [Fact]
    public void Fit_ValueThatIsNotFinite_NamesItsRowInTheValidationData()
    {
        Example[] rows = Synthetic.Classes(10, 4, seed: 2);
        float[] values = [.. rows[6].Input.DenseValues()];
        values[1] = float.NaN;
        rows[6].Input = Example.Dense(values);

        Assert.Contains(
            "at row 6 of validation (counted from 0), slot 1", Assert.Throws<InvalidOperationException>(() => Fit(Options(), rows)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_CheckpointOfOtherValidationData_IsRefused()
    {
        MrlFineTuneOptions options = Options() with { CheckpointFolder = _folder, CheckpointEvery = 1 };
        Example[] held = Synthetic.Classes(40, 4, seed: 2);
        Fit(options, held);

        Fit(options with { Resume = ResumeMode.Required }, held);
        var other = Assert.Throws<InvalidOperationException>(() => Fit(options with { Resume = ResumeMode.Required }, (IDataView?)null));

        Assert.Contains("validation 40 rows of their own", other.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(
            () => Fit(options with { Resume = ResumeMode.Required }, Synthetic.Classes(40, 4, seed: 3)));
    }

    [Fact]
    public void Fit_LabelsOfAnotherType_AreTheSameClasses()
    {
        Example[] rows = Synthetic.Classes(40, 4, seed: 2);
        IDataView text = Example.View(_context, rows, Synthetic.Width, nameof(Example.Input), nameof(Example.Label));
        IDataView keys = _context.Transforms.Conversion.MapValueToKey("Label").Fit(text).Transform(text);

        Assert.Equal(Fit(Options(), rows).Fingerprint, Fit(Options(), keys).Fingerprint);
    }

    [Theory]
    [InlineData(HeadKind.Linear)]
    [InlineData(HeadKind.Orthogonal)]
    [InlineData(HeadKind.Residual)]
    public void Fit_OtherRowsHeldBack_StartsAndLearnsTheSame(HeadKind kind)
    {
        Example[] rows = Synthetic.Classes(280, 4, seed: 1);

        double[] losses = Losses(rows[200..240]);

        Assert.Equal(3, losses.Distinct().Count());
        Assert.Equal(losses, Losses(rows[240..]));

        double[] Losses(Example[] held)
        {
            var losses = new List<double>();
            var progress = new HeardProgress(p => losses.AddRange(double.IsNaN(p.ValidationScore) ? [] : [p.Loss]));
            Fit(
                Options() with { Epochs = 3, BatchSize = 32, Patience = 3, Head = kind, Dimensions = kind == HeadKind.Orthogonal ? null
                    : [4, 8] },
                View(held), rows[..200], progress);
            return [.. losses];
        }
    }

    [Fact]
    public void Fit_PcaThatIsComparedWith_IsThatOfTheTrainingRows()
    {
        // The rows held back vary along other axes than those that are learned from.
        Example[] rows = Synthetic.Classes(280, 4, seed: 1), held = rows[200..];
        foreach (Example row in held)
        {
            row.Input = Example.Dense(
                [.. row.Input.DenseValues().Select((v, k) => k >= 20 ? v + 50 * (k % 2 == 0 ? 1 : -1) * (row.Number % 2) : v)]);
        }
        TrainingSummary summary = Fit(Options() with { Dimensions = [4, 8] }, View(held), rows[..200]).Training!;

        IDataView training = View(rows[..200]);
        ITransformer pca = _context.Transforms.PcaRotate("Embedding", nameof(Example.Input), 8).Fit(training),
        ofAll = _context.Transforms.PcaRotate("Embedding", nameof(Example.Input), 8).Fit(View(rows));
        Assert.Equal(Scores(pca), summary.ValidationScores.Select(score => score.Pca));
        Assert.NotEqual(Scores(ofAll), summary.ValidationScores.Select(score => score.Pca));

        double[] Scores(ITransformer rotation) =>
        [
            .. _context.Mrl().EvaluateClassification(
                rotation.Transform(View(held)), "Embedding", nameof(Example.Label), rotation.Transform(training), [4, 8])
                .Rows.Select(row => (row["NearestCentroid"] + row["1-NN"]) / 2),
        ];
    }

    private static MrlFineTuneOptions Options() => new()
    {
        LearningRate = 0.02,
        Head = HeadKind.Linear,
        OutputColumnName = "Embedding",
        InputColumnName = nameof(Example.Input),
        Objective = MrlObjective.Classification(),
        Epochs = 3,
        Seed = 7,
    };

    private IDataView View(Example[] rows) => Example.View(_context, rows, Synthetic.Width, nameof(Example.Input), nameof(Example.Label));

    private EmbeddingHead Fit(MrlFineTuneOptions options, Example[] validation, Example[]? rows = null) =>
        Fit(options, View(validation), rows);

    private EmbeddingHead Fit(
        MrlFineTuneOptions options, IDataView? validation, Example[]? rows = null, IProgress<MrlProgress>? progress = null) =>
        _context.Transforms.MrlFineTune(options).Fit(View(rows ?? Synthetic.Classes(200, 4, seed: 1)), validation, progress).Head;
}
