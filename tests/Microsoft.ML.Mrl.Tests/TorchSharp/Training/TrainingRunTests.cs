using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training;

/// <summary>What a training does besides learning: seeds, progress, cancelling, and leaving the process as it was.</summary>
[Collection(TorchCollection.Name)]
public class TrainingRunTests
{
    private static readonly MrlFineTuneOptions s_options = new()
    {
        LearningRate = 0.02,
        Head = HeadKind.Linear,
        OutputColumnName = "Embedding",
        InputColumnName = "Input",
        Objective = MrlObjective.Classification("Label"),
        Epochs = 6,
        BatchSize = 32,
        Seed = 1,
    };

    [Fact]
    public void Fit_SameSeedTwice_SameBytes_AnotherSeedOthers()
    {
        byte[] first = Bytes(Fit(s_options));

        Assert.Equal(first, Bytes(Fit(s_options)));
        Assert.NotEqual(first, Bytes(Fit(s_options with { Seed = 2 })));
    }

    [Fact]
    public void Fit_PairsSameSeedTwice_SameBytes()
    {
        var context = new MLContext();
        IDataView data = Example.View(context, Synthetic.Pairs(120, seed: 1), Synthetic.Width, "Input", "Positive", "Negative");
        MrlFineTuneOptions options = s_options with { Objective = MrlObjective.Pairs("Positive", "Negative"), Epochs = 3 };

        Assert.Equal(
            Bytes(context.Transforms.MrlFineTune(options).Fit(data).Head), Bytes(context.Transforms.MrlFineTune(options).Fit(data).Head));
    }

    [Theory]
    [InlineData(HeadKind.Linear)]
    [InlineData(HeadKind.Orthogonal)]
    [InlineData(HeadKind.Residual)]
    public void Fit_OneTwoOrThreeThreads_SameBytes(HeadKind kind)
    {
        // Steps large enough to be shared among threads: 256 rows of 384 values in two roles.
        const int Width = 384;
        var random = new Random(1);
        var context = new MLContext();
        Example[] rows = [.. Enumerable.Range(0, 600).Select(_ =>
        {
            float[] signal = [.. Enumerable.Range(0, Width).Select(_ => Synthetic.Gaussian(random))];
            return new Example { Input = Example.Dense(signal),
                Positive = Example.Dense([.. signal.Select(s => s + Synthetic.Gaussian(random))]) };
        })];
        IDataView data = Example.View(context, rows, Width, "Input", "Positive");
        MrlFineTuneOptions options =
            s_options with { Objective = MrlObjective.Pairs("Positive"), Head = kind, BatchSize = 256, Epochs = 3, Gate = HarmGate.Off };
        int before = get_num_threads();
        try
        {
            byte[][] heads = [.. new[] { 1, 2, 3 }.Select(threads =>
            {
                set_num_threads(threads);
                return Bytes(context.Transforms.MrlFineTune(options).Fit(data).Head);
            })];

            Assert.Equal(heads[0], heads[1]);
            Assert.Equal(heads[0], heads[2]);
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Fact]
    public async Task Fit_SeveralTrainingsAtOnce_EachAsIfAlone()
    {
        byte[][] alone = [.. Enumerable.Range(0, 4).Select(seed => Bytes(Fit(s_options with { Seed = seed })))];

        byte[][] together = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(seed => Task.Run(() => Bytes(Fit(s_options with { Seed = seed })))));

        Assert.Equal(alone, together);
        Assert.NotEqual(together[0], together[1]);
    }

    [Fact]
    public void Fit_GpuAskedFor_ProcessorInsteadOrRefused()
    {
        var log = new List<string>();
        var context = new MLContext { GpuDeviceId = 3, FallbackToCpu = true };
        context.Log += (_, e) => log.Add(e.RawMessage);

        Assert.Equal(Bytes(Fit(s_options)), Bytes(Fit(s_options, context)));
        Assert.Contains("GPU 3 was asked for, but heads and encoders are trained on the processor.", log);

        var error = Assert.Throws<NotSupportedException>(() => Fit(s_options, new MLContext { GpuDeviceId = 3, FallbackToCpu = false }));
        Assert.Contains("GPU 3 was asked for (MLContext.GpuDeviceId) and the processor ruled out", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_NoSeedInTheOptions_UsesTheContexts()
    {
        MrlFineTuneOptions options = s_options with { Seed = null };

        Assert.Equal(Bytes(Fit(s_options with { Seed = 7 })), Bytes(Fit(options, new MLContext(seed: 7))));
        Assert.Equal(7, Fit(options, new MLContext(seed: 7)).Training!.Seed);
        Assert.Equal(0, Fit(options, new MLContext()).Training!.Seed);
        Assert.Equal(1, Fit(s_options, new MLContext(seed: 7)).Training!.Seed);
    }

    [Fact]
    public void Fit_WithProgress_ReportsInOrderWithSensibleValues()
    {
        var reports = new HeardProgress();

        TrainingSummary summary = Fit(s_options, progress: reports).Training!;

        MrlProgress[] all = [.. reports.All];
        Assert.Equal(all.Select(r => r.Phase).Order(), all.Select(r => r.Phase));
        Assert.Equal(Enum.GetValues<MrlPhase>(), all.Select(r => r.Phase).Distinct());
        Assert.All(all, r => Assert.Equal(6, r.Epochs));
        MrlProgress[] training = [.. all.Where(r => r.Phase == MrlPhase.Training)];
        int steps = summary.TrainingRows / 32 * 6;
        Assert.All(training, r => Assert.Equal(steps, r.Steps));
        Assert.All(training, r => Assert.InRange(r.Step, 1, steps));
        Assert.All(training, r => Assert.InRange(r.Loss, 1e-6, 100));
        Assert.All(training, r => Assert.InRange(r.BestScore, 0, 1));
        Assert.All(training, r => Assert.True(r.Remaining >= TimeSpan.Zero));
        Assert.Equal([1, 2, 3, 4, 5, 6], training.Select(r => r.Epoch).Distinct());
        MrlProgress[] ends = [.. training.Where(r => !double.IsNaN(r.ValidationScore))];
        Assert.Equal([1, 2, 3, 4, 5, 6], ends.Select(r => r.Epoch));
        Assert.Equal(ends.Select(r => r.Epoch * (steps / 6)), ends.Select(r => r.Step));
        foreach ((MrlProgress before, MrlProgress after) in training.Zip(training.Skip(1)))
        {
            Assert.True(before.Step <= after.Step && before.BestScore <= after.BestScore && before.Elapsed <= after.Elapsed);
        }
        Assert.Equal((6, steps, TimeSpan.Zero), (all[^1].Epoch, all[^1].Step, all[^1].Remaining));
        Assert.Equal(ends[^1].BestScore, all[^1].BestScore);
        Assert.Equal(6, summary.Epochs);
        Assert.False(summary.Cancelled);
    }

    [Fact]
    public void Fit_WithProgress_SameBytesAsWithout()
    {
        Assert.Equal(Bytes(Fit(s_options)), Bytes(Fit(s_options, progress: new HeardProgress())));
    }

    [Fact]
    public void Fit_CancelledAfterTheSecondEpoch_ReturnsTheBestHeadSoFar()
    {
        using var cancellation = new CancellationTokenSource();
        var reports = new HeardProgress(r =>
        {
            if (r.Epoch == 2 && !double.IsNaN(r.ValidationScore))
            {
                cancellation.Cancel();
            }
        });

        EmbeddingHead head = Fit(s_options, progress: reports, cancellation: cancellation.Token);

        TrainingSummary summary = head.Training!;
        Assert.True(summary.Cancelled);
        Assert.Equal(2, summary.Epochs);
        Assert.InRange(summary.BestEpoch, 0, 2);
        Assert.Equal(MrlPhase.Done, reports.All[^1].Phase);
        Assert.Equal(summary.TrainingRows / 32 * 2, reports.All[^1].Step);
        Assert.Equal(Synthetic.Width, head.OutputDimensions);
    }

    [Fact]
    public void Fit_CancelledWithinAnEpoch_CountsTheStepsTaken()
    {
        using var cancellation = new CancellationTokenSource();
        // The first report of a training comes after its first step.
        var reports = new HeardProgress(r =>
        {
            if (r.Phase == MrlPhase.Training)
            {
                cancellation.Cancel();
            }
        });

        TrainingSummary summary = Fit(s_options, progress: reports, cancellation: cancellation.Token).Training!;

        Assert.True(summary.Cancelled);
        Assert.Equal(1, summary.Epochs);
        Assert.Equal(1, reports.All[^1].Step);
    }

    [Fact]
    public void Fit_CancelledBeforeTheFirstStep_ReturnsTheStart()
    {
        using var cancellation = new CancellationTokenSource();
        var reports = new HeardProgress(r =>
        {
            if (r.Phase == MrlPhase.Starting)
            {
                cancellation.Cancel();
            }
        });

        TrainingSummary summary = Fit(s_options, progress: reports, cancellation: cancellation.Token).Training!;

        Assert.True(summary.Cancelled);
        Assert.Equal((0, 0), (summary.Epochs, summary.BestEpoch));
        Assert.Contains(summary.Winner, new[] { TrainingWinner.Pca, TrainingWinner.Raw });
        Assert.All(summary.ValidationScores, score => Assert.True(double.IsNaN(score.Learned)));
    }

    [Fact]
    public void Fit_CancelledBefore_Throws()
    {
        Assert.Throws<OperationCanceledException>(() => Fit(s_options, cancellation: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Fit_ManySteps_NoMoreTensorsAliveAfterwardsThanBefore()
    {
        // A head and two classifiers have a weight and a bias each.
        const int Parameters = 6;
        var counts = new List<long>();
        var reports = new HeardProgress(r =>
        {
            if (!double.IsNaN(r.ValidationScore))
            {
                counts.Add(Tensor.TotalCount);
            }
        });
        Fit(s_options with { Epochs = 1 });
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;

        TrainingSummary summary = Fit(s_options with { Epochs = 30, Patience = 30 }, progress: reports).Training!;

        Assert.True(summary.TrainingRows / 32 * summary.Epochs > 200);
        long left = Tensor.TotalCount - before;
        Assert.True(left <= Parameters * StillCountedOfAParameter(), $"{left} tensors more than before.");
        Assert.Equal(30, counts.Count);
        Assert.True(counts[^1] <= counts[1], $"Tensors after each epoch: {string.Join(", ", counts)}.");
    }

    public static TheoryData<string> ManyObjectives =>
        ["Pairs", "Triplets", "ScoredPairs", "SameLabel", "Unsupervised", "Distillation", "Custom"];

    [Theory]
    [MemberData(nameof(ManyObjectives))]
    public void Fit_EveryObjective_SameBytesTwiceAndNoMoreTensorsEpochByEpoch(string objective)
    {
        var context = new MLContext();
        Example[] rows = Synthetic.Pairs(120, seed: 1);
        for (int i = 0; i < rows.Length; i++)
        {
            (rows[i].Number, rows[i].Score) = (i % 5, i % 7);
        }
        IDataView data = Example.View(
            context, rows, Synthetic.Width, "Input", "Positive", "Negative", "Negative2", "Teacher", "Number", "Score");
        var counts = new List<long>();
        var reports = new HeardProgress(r =>
        {
            if (!double.IsNaN(r.ValidationScore))
            {
                counts.Add(Tensor.TotalCount);
            }
        });
        MrlFineTuneOptions options = s_options with
        {
            Epochs = 6,
            Patience = 6,
            Objective = objective switch
            {
                "Pairs" => MrlObjective.Pairs(new PairsOptions
                {
                    PositiveColumnName = "Positive",
                    NegativeColumnNames = ["Negative", "Negative2"],
                    LabelColumnName = "Number",
                    Direction = ContrastDirection.Symmetric,
                    SimilarityMargin = 0,
                }),
                "Triplets" => MrlObjective.Triplets("Positive", "Negative"),
                "ScoredPairs" =>
                    MrlObjective.Weighted(
                        (MrlObjective.ScoredPairs("Positive", loss: ScoredPairsLoss.AnglE), 1),
                        (MrlObjective.ScoredPairs("Positive", loss: ScoredPairsLoss.CosineMse), 1)),
                "SameLabel" => MrlObjective.SameLabel("Number"),
                "Unsupervised" => MrlObjective.Unsupervised(),
                "Distillation" => MrlObjective.Distillation("Teacher"),
                _ => MrlObjective.Custom(new MrlCustomColumns { PositiveColumnName = "Positive" }, () => new InfoNceLoss()),
            },
        };

        byte[] first = Bytes(context.Transforms.MrlFineTune(options).Fit(data, null, reports).Head);

        Assert.Equal(6, counts.Count);
        Assert.True(counts[^1] <= counts[1], $"Tensors after each epoch: {string.Join(", ", counts)}.");
        Assert.Equal(first, Bytes(context.Transforms.MrlFineTune(options).Fit(data, null, reports).Head));
    }

    /// <summary>What the binding goes on counting of a parameter that was disposed: the tensor it was made from, though that is
    /// empty.</summary>
    private static long StillCountedOfAParameter()
    {
        long before = Tensor.TotalCount;
        new Parameter(zeros(1)).Dispose();
        return Tensor.TotalCount - before;
    }

    [Fact]
    public void Fit_AndPcaRotate_InsideAScopeOfTheCaller_LeaveNothingInIt()
    {
        var context = new MLContext();
        IDataView data = Data(context);
        using DisposeScope scope = NewDisposeScope();

        context.Transforms.MrlFineTune(s_options with { Epochs = 1 }).Fit(data);
        context.Transforms.PcaRotate("Embedding", "Input", 4).Fit(data);

        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Fit_ProcessSettings_StayAsTheyWere()
    {
        int threads = get_num_threads();
        manual_seed(5);
        float[] expected = Random();
        manual_seed(5);

        Fit(s_options with { Epochs = 1 });

        Assert.Equal(expected, Random());
        Assert.Equal(threads, get_num_threads());
        Assert.True(is_grad_enabled());

        static float[] Random()
        {
            using Tensor values = rand(8);
            return RowProducts.ToArray(values);
        }
    }

    [Fact]
    public void Fit_LearningRateFarTooHigh_FiniteHeadAllTheSame()
    {
        EmbeddingHead head = Fit(s_options with { LearningRate = 1e30 });

        Assert.All(((LinearHead)head).Weights.ToArray(), weight => Assert.True(float.IsFinite(weight)));
    }

    [Fact]
    public void Fit_NoImprovement_EndsAfterPatience()
    {
        var context = new MLContext();
        IDataView data = Example.View(context, Synthetic.RandomLabels(60, 3, seed: 2), Synthetic.Width, "Input", "Label");

        TrainingSummary summary = context.Transforms.MrlFineTune(s_options with { Epochs = 60, Patience = 2 }).Fit(data).Head.Training!;

        Assert.True(summary.Epochs < 60);
        Assert.Equal(summary.BestEpoch + 2, summary.Epochs);
    }

    private static EmbeddingHead Fit(
        MrlFineTuneOptions options, MLContext? context = null, IProgress<MrlProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        context ??= new MLContext();
        return context.Transforms.MrlFineTune(options).Fit(Data(context), null, progress, cancellation).Head;
    }

    private static IDataView Data(MLContext context) =>
        Example.View(context, Synthetic.Classes(260, 5, seed: 1), Synthetic.Width, "Input", "Label");

    private static byte[] Bytes(EmbeddingHead head)
    {
        using var stream = new MemoryStream();
        head.Save(stream);
        return stream.ToArray();
    }
}
