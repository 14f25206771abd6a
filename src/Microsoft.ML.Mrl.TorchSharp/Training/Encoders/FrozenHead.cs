using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>
/// The head that <c>MrlFineTune</c> trains on an encoder's embeddings before the encoder itself learns, and that it starts from: probing,
/// then fine-tuning (Kumar et al. 2022, arXiv:2202.10054). It has not seen the rows held back.
/// </summary>
internal sealed class FrozenHead : IDisposable
{
    /// <summary>The training rows that the length of what the head gives is measured on.</summary>
    private const int RowsOfLength = 1_000;

    /// <summary>What its messages begin with: beside it, the encoder has a verdict too.</summary>
    private const string Subject = "The head on the frozen encoder";

    private readonly TrainingPlan _plan;
    private readonly ExampleSet _examples;
    private readonly VectorRows[] _embedded;
    private readonly RowStorage _storage;
    private readonly MrlLog _log;
    private readonly FitCall _call;

    private FrozenHead(TrainingPlan plan, ExampleSet examples, VectorRows[] embedded, RowStorage storage, MrlLog log, FitCall call)
    {
        (_plan, _examples, _embedded, _storage, _log, _call) = (plan, examples, embedded, storage, log, call);
    }

    /// <summary>The head, with the summary of its training; the PCA rotation where nothing beat the embeddings as they are.</summary>
    public EmbeddingHead Head { get; private set; } = null!;

    /// <summary>The PCA rotation of the embeddings of the training rows.</summary>
    public EmbeddingHead Pca { get; private set; } = null!;

    /// <summary>The mean length of the centred embeddings.</summary>
    public double Scale { get; private set; }

    /// <summary>The mean length of what the head makes of them, centred.</summary>
    public double ScaleOfHead { get; private set; }

    /// <summary>Embeds all texts and trains the head on those of the training rows.</summary>
    /// <param name="plan">What is to be learned.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="split">Those to learn from and those held back.</param>
    /// <param name="random">Draws the start of the randomised decomposition of wide embeddings.</param>
    /// <param name="storage">Where embeddings lie.</param>
    /// <param name="log">Is told what is tried.</param>
    /// <param name="call">Is told the progress, and can end the training.</param>
    /// <param name="kind">What the head may do; null to leave it open.</param>
    public static FrozenHead Train(
        TrainingPlan plan, ExampleSet texts, ExampleSplit split, Random random, RowStorage storage, MrlLog log, FitCall call,
        HeadKind? kind = null)
    {
        FrozenHead frozen = Embed(plan, texts, storage, log, call, kind);
        try
        {
            frozen.Train(plan, split.Training, random);
            return frozen;
        }
        catch
        {
            frozen.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The head that is handed back where the encoder stays as it is: trained on all rows, as <c>MrlFineTune</c> does, unless the
    /// training is to end.
    /// </summary>
    public EmbeddingHead OfAllRows()
    {
        if (_call.Cancellation.IsCancellationRequested)
        {
            return Head;
        }
        _log.Info("The head that was trained on the frozen encoder is not beaten, and is now trained on all rows.");
        return HeadTraining.Run(
            _plan, _examples, _storage, _log.About($"{Subject}, trained on all rows"), _call with { Progress = null });
    }

    public void Dispose() => Array.ForEach(_embedded, rows => rows.Dispose());

    private static FrozenHead Embed(TrainingPlan plan, ExampleSet texts, RowStorage storage, MrlLog log, FitCall call, HeadKind? kind)
    {
        var embedded = new Dictionary<VectorRole, VectorRows>();
        try
        {
            int[] all = [.. Enumerable.Range(0, texts.Count)];
            var progress = new StartingProgress(call.Progress, (long)all.Length * texts.Vectors.Keys.Count(role => role.IsEmbedded));
            foreach ((VectorRole role, VectorRows rows) in texts.Vectors.Where(v => v.Key.IsEmbedded))
            {
                embedded.Add(role, PooledPca.Pool(rows, all, storage, progress, call.Cancellation));
            }
            var ofHead = TrainingPlan.For(OptionsOf(plan, kind), texts.Anchors.Width, plan.Seed);
            // The training of the head is the start of that of the encoder.
            return new FrozenHead(ofHead, texts.With(embedded), [.. embedded.Values], storage, log,
                call with { Progress = progress.OfHead() });
        }
        catch
        {
            foreach (VectorRows rows in embedded.Values)
            {
                rows.Dispose();
            }
            throw;
        }
    }

    private void Train(TrainingPlan ofEncoder, int[] rows, Random random)
    {
        ExampleSet learned = _examples.Choose(rows);
        using TrainingSpace space = TrainingSpace.Of(learned, _plan.OutputDimensions, random, _storage);
        Scale = space.Scale;
        Head = HeadTraining.Run(_plan, learned, _storage, _log.About(Subject), _call);
        Pca = StartingHeads.Pca(ofEncoder, space, Head.Training);
        // Where nothing beats the embeddings, the encoder starts without a head and is compared with the principal components.
        Head = Head.Training!.Winner == TrainingWinner.Raw ? Pca : Head;
        ScaleOfHead = LengthOf(new MappedEmbeddings(learned, Head).Read(
            VectorRole.Anchor, [.. Enumerable.Range(0, Math.Min(RowsOfLength, learned.Count))]));
    }

    /// <summary>The mean length of centred rows; 1 where they are all the same.</summary>
    private static double LengthOf(EmbeddingMatrix rows)
    {
        var mean = new float[rows.Width];
        for (int row = 0; row < rows.Count; row++)
        {
            TensorPrimitives.MultiplyAdd(rows.Row(row), 1f / rows.Count, mean, mean);
        }
        double length = Enumerable.Range(0, rows.Count).Average(row => (double)TensorPrimitives.Distance<float>(rows.Row(row), mean));
        return length > 0 ? length : 1;
    }

    private static MrlFineTuneOptions OptionsOf(TrainingPlan plan, HeadKind? kind)
    {
        MrlTrainingOptions options = plan.Options;
        return new MrlFineTuneOptions
        {
            OutputColumnName = options.OutputColumnName,
            InputColumnName = options.InputColumnName,
            Objective = options.Objective,
            Head = kind,
            Dimensions = plan.Dimensions,
            DimensionWeights = options.DimensionWeights,
            OutputDimensions = plan.OutputDimensions,
            Patience = options.Patience,
            LearningRate = options.LearningRate,
            WeightDecay = options.WeightDecay,
            WarmUpFraction = options.WarmUpFraction,
            ValidationFraction = options.ValidationFraction,
            Gate = options.Gate,
            Advice = options.Advice with { KeepOtherUses = options.Advice.KeepOtherUsesOfEncoder },
            TrainTime = options.TrainTime,
        };
    }
}
