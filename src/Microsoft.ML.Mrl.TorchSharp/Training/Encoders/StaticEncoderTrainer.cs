using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Text.Encoders.Static;
using Microsoft.ML.Mrl.Text.Tokenizers;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Options;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>
/// Trains the table of a static encoder. libtorch sees the means of a batch's texts as the leaves of its graph; their gradient is handed on
/// to the rows here, so that a step costs what its texts cost, however many tokens the encoder has.
/// </summary>
internal sealed class StaticEncoderTrainer : ITrained, IDisposable
{
    private readonly StaticTextEncoder _encoder;
    private readonly TouchedRows _touched;
    private readonly LinearHead _map;
    private readonly LinearHead _startHead;
    private readonly VectorRole[] _roles;
    private readonly double _scale;
    private readonly float[] _table;
    private readonly LazyAdamW _optimizer;
    private readonly AdamW _lossOptimizer;

    /// <param name="task">What is to be learned, from texts as tokens.</param>
    /// <param name="encoder">The encoder to start from, with a row for every token.</param>
    /// <param name="touched">Its rows that the examples use.</param>
    /// <param name="map">
    /// The PCA rotation of the encoder's embeddings, or the linear head that was trained on them. Of either, a mean of mapped rows is what
    /// the mean of the rows is mapped to.
    /// </param>
    /// <param name="scale">
    /// What rows are divided by while they learn, so that learning rates mean the same for encoders of any size.
    /// </param>
    public StaticEncoderTrainer(TrainingTask task, StaticTextEncoder encoder, TouchedRows touched, LinearHead map, double scale)
    {
        Task = task;
        TrainingPlan plan = task.Plan;
        Batches = task.CreateBatches(scale);
        Loss = task.CreateLoss();
        _encoder = encoder;
        _touched = touched;
        _map = map;
        _startHead = plan.StartingPoint == StartingPoint.Identity ? (LinearHead)StartingHeads.Raw(plan, encoder.Dimensions, null) : map;
        _roles = [.. task.Examples.Vectors.Keys.Where(role => role.IsEmbedded).Order()];
        _scale = scale;
        _table = Mapped(touched.Start, _startHead);
        TensorPrimitives.Multiply(_table, (float)(1 / scale), _table);
        Gradients = new RowGradients(touched.Rows.Count, plan.OutputDimensions);
        _optimizer = new LazyAdamW(_table, plan.OutputDimensions, plan.Options.WeightDecay);
        _lossOptimizer = new AdamW([.. Loss.Parameters], plan.Options.WeightDecay);
    }

    public TrainingTask Task { get; }

    public MatryoshkaLoss Loss { get; }

    public BatchBuilder Batches { get; }

    /// <summary>The gradient of the table's rows, of the last call of <see cref="Differentiate"/>.</summary>
    internal RowGradients Gradients { get; }

    public IEmbeddingSource Learned => new TableEmbeddings(Examples, _table, Plan.OutputDimensions, _scale);

    public IEmbeddingSource Pca => new TableEmbeddings(Examples, Mapped(_touched.Start, _map), Plan.OutputDimensions, 1);

    public string PcaName => Frozen is null ? "PCA" : "frozen-head";

    // What is measured by the vectors themselves cannot lead where these are whole.
    public bool MustLeadEverywhere => Frozen is not null && !Plan.Options.Objective.IsMeasuredByInputs;

    public IReadOnlyList<IOptimizerState> Optimizers => [_optimizer, _lossOptimizer];

    /// <summary>How the head was trained that this starts from; null where it starts from none.</summary>
    private TrainingSummary? Frozen => FrozenOutcome.LearnedIn(_map);

    private TrainingPlan Plan => Task.Plan;

    private ExampleSet Examples => Task.Examples;

    /// <summary>Trains.</summary>
    /// <param name="log">Is told every epoch's scores, and the verdict.</param>
    /// <param name="call">Is told the progress, and can end the training.</param>
    /// <param name="start">The head that the encoder starts from; null where it starts from none.</param>
    public StaticTextEncoder Train(MrlLog log, FitCall call, FrozenHead? start = null)
    {
        using ThreadLimit threads = ThreadLimit.ForSteps((double)Task.BatchSize * Task.BatchSize * Plan.OutputDimensions);
        if (Frozen is not null)
        {
            LossAlone.Learn(this, _map, normalizes: false, _scale, call.Cancellation);
        }
        TrainingResult result = new FineTuner([this], start is null ? log : log.About("The encoder"), call).Run();
        return Finish(result.Weights, FrozenOutcome.Of(result.Summary, _map, start, this));
    }

    /// <summary>
    /// The loss of some rows. <see cref="Gradients"/> has the gradient of the table's rows, and the loss's parameters have their own.
    /// </summary>
    internal double Differentiate(ReadOnlySpan<int> rows)
    {
        using DisposeScope scope = NewDisposeScope();
        int count = rows.Length;
        int width = Plan.OutputDimensions;
        Tensor means = empty((long)_roles.Length * count, width);
        Pool(rows, means.Values());
        means.requires_grad_(true);
        Tensor[] parts = _roles.Length == 1 ? [means] : means.split(count);
        Tensor loss = Loss.Forward(Batches.Build(rows, role => parts[Array.IndexOf(_roles, role)]));
        loss.backward();
        Gradients.Clear();
        if (means.grad is { } gradient)
        {
            Tensor whole = gradient.contiguous();
            ReadOnlySpan<float> numbers = whole.Values();
            if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes(numbers)))
            {
                return double.NaN;
            }
            for (int i = 0; i < _roles.Length * count; i++)
            {
                Gradients.Add((TokenRows)Examples.Vectors[_roles[i / count]], rows[i % count], numbers.Slice(i * width, width));
            }
        }
        return loss.item<float>();
    }

    public double Step(ReadOnlySpan<int> rows, double learningRate, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        double loss = Differentiate(rows);
        // In any case: it also drops the gradients of the loss's parameters.
        bool isFinite = _lossOptimizer.Step(learningRate);
        if (!isFinite || !double.IsFinite(loss))
        {
            return double.NaN;
        }
        _optimizer.Step(Gradients, learningRate);
        return loss;
    }

    public float[][] TakeWeights() => [[.. _table]];

    public void PutWeights(float[][] weights) => weights[0].CopyTo(_table, 0);

    public void Dispose() => Loss.Dispose();

    private void Pool(ReadOnlySpan<int> rows, Span<float> means)
    {
        int width = Plan.OutputDimensions;
        foreach (VectorRole role in _roles)
        {
            var texts = (TokenRows)Examples.Vectors[role];
            foreach (int row in rows)
            {
                texts.Pool(row, _table, means[..width]);
                means = means[width..];
            }
        }
    }

    private StaticTextEncoder Finish(float[][] weights, FrozenOutcome outcome)
    {
        TrainingWinner winner = outcome.Winner;
        StaticEncoderContent content = _encoder.Content;
        LinearHead head = winner switch
        {
            TrainingWinner.Raw => (LinearHead)StartingHeads.Raw(Plan, content.Dimensions, null),
            TrainingWinner.Pca => (LinearHead)outcome.Map,
            _ => _startHead,
        };
        int width = Plan.OutputDimensions;
        float[] table = winner == TrainingWinner.Raw && width == content.Dimensions ? content.Table : Mapped(content.Table, head);
        if (winner == TrainingWinner.Learned)
        {
            PutWeights(weights);
            for (int i = 0; i < _touched.Rows.Count; i++)
            {
                TensorPrimitives.Multiply(_table.AsSpan(i * width, width), (float)_scale, table.AsSpan(_touched.Rows[i] * width, width));
            }
        }
        if (content.SkipsUnknown && _encoder.Tokenizer.UnknownId is { } unknown && unknown < content.TokenRows)
        {
            // Never used here; where Python counts it, it must not turn the mean.
            table = table == content.Table ? [.. table] : table;
            table.AsSpan(unknown * width, width).Clear();
        }
        return new StaticTextEncoder(content with { Dimensions = width, Table = table, TrainedDimensions = Plan.Dimensions,
            Training = outcome.Summary });
    }

    private static float[] Mapped(float[] rows, LinearHead head)
    {
        var mapped = new float[rows.Length / head.InputDimensions * (long)head.OutputDimensions];
        head.ApplyMany(rows, mapped);
        return mapped;
    }
}
