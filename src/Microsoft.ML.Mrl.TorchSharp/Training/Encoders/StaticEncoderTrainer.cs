using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Text.Encoders.Static;
using Microsoft.ML.Mrl.Text.Tokenizers;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Options;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>
/// Trains the table of a static encoder. libtorch sees the means of a batch's texts as the leaves of its graph; their gradient is handed on to the rows here, so that a
/// step costs what its texts cost, however many tokens the encoder has.
/// </summary>
internal sealed class StaticEncoderTrainer : FineTuner
{
    private readonly StaticTextEncoder _encoder;
    private readonly TouchedRows _touched;
    private readonly LinearHead _pca;
    private readonly LinearHead _startHead;
    private readonly VectorRole[] _roles;
    private readonly double _scale;
    private readonly float[] _table;
    private readonly RowGradients _gradients;
    private readonly LazyAdamW _optimizer;
    private readonly AdamW _lossOptimizer;

    /// <param name="plan">What to train, and how.</param>
    /// <param name="encoder">The encoder to start from, with a row for every token.</param>
    /// <param name="touched">Its rows that the examples use.</param>
    /// <param name="examples">The examples, texts as tokens.</param>
    /// <param name="split">Which of them are held back.</param>
    /// <param name="pca">The PCA rotation of the encoder's embeddings.</param>
    /// <param name="scale">What rows are divided by while they learn, so that learning rates mean the same for encoders of any size.</param>
    /// <param name="random">Draws the rows to score by.</param>
    /// <param name="log">Is told every epoch's scores.</param>
    public StaticEncoderTrainer(
        TrainingPlan plan, StaticTextEncoder encoder, TouchedRows touched, ExampleSet examples, ExampleSplit split, LinearHead pca, double scale, Random random, MrlLog log)
        : base(plan, examples, split, scale, random, log)
    {
        _encoder = encoder;
        _touched = touched;
        _pca = pca;
        _startHead = plan.StartingPoint == StartingPoint.Identity ? (LinearHead)RawHead.Of(plan, encoder.Dimensions, null) : pca;
        _roles = [.. examples.Vectors.Keys.Where(role => role.IsEmbedded).Order()];
        _scale = scale;
        _table = Mapped(touched.Start, _startHead);
        TensorPrimitives.Multiply(_table, (float)(1 / scale), _table);
        _gradients = new RowGradients(touched.Rows.Count, plan.OutputDimensions);
        _optimizer = new LazyAdamW(_table, plan.OutputDimensions, plan.Options.WeightDecay);
        _lossOptimizer = new AdamW([.. Loss.Parameters], plan.Options.WeightDecay);
    }

    protected override IEmbeddingSource Learned => new TableEmbeddings(Examples, _table, Plan.OutputDimensions, _scale);

    protected override IEmbeddingSource Pca => new TableEmbeddings(Examples, Mapped(_touched.Start, _pca), Plan.OutputDimensions, 1);

    protected override IReadOnlyList<IOptimizerState> Optimizers => [_optimizer, _lossOptimizer];

    public StaticTextEncoder Train()
    {
        using ThreadLimit threads = ThreadLimit.ForSteps((double)BatchSize * BatchSize * Plan.OutputDimensions);
        TrainingSummary summary = Run(out HeadVerdict verdict);
        return Finish(verdict.Winner, summary);
    }

    /// <summary>The loss of some rows, and the gradient of the table's rows in <see cref="Gradients"/>; the loss's own parameters have theirs.</summary>
    internal double Differentiate(ReadOnlySpan<int> rows)
    {
        using DisposeScope scope = NewDisposeScope();
        int count = rows.Length;
        int width = Plan.OutputDimensions;
        Tensor means = empty((long)_roles.Length * count, width);
        Pool(rows, means.Numbers());
        means.requires_grad_(true);
        Tensor[] parts = _roles.Length == 1 ? [means] : means.split(count);
        Tensor loss = Loss.Forward(Builder.Build(rows, role => parts[Array.IndexOf(_roles, role)]));
        loss.backward();
        _gradients.Clear();
        if (means.grad is { } gradient)
        {
            Tensor whole = gradient.contiguous();
            ReadOnlySpan<float> numbers = whole.Numbers();
            if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes(numbers)))
            {
                return double.NaN;
            }
            for (int i = 0; i < _roles.Length * count; i++)
            {
                _gradients.Add((TokenRows)Examples.Vectors[_roles[i / count]], rows[i % count], numbers.Slice(i * width, width));
            }
        }
        return loss.item<float>();
    }

    /// <summary>The gradient of the last call of <see cref="Differentiate"/>.</summary>
    internal RowGradients Gradients => _gradients;

    protected override double Step(ReadOnlySpan<int> rows, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        double loss = Differentiate(rows);
        // In any case: it also drops the gradients of the loss's parameters.
        bool isFinite = _lossOptimizer.Step(learningRate);
        if (!isFinite || !double.IsFinite(loss))
        {
            return double.NaN;
        }
        _optimizer.Step(_gradients, learningRate);
        return loss;
    }

    protected override float[][] TakeNumbers() => [[.. _table]];

    protected override void RestoreNumbers(float[][] numbers) => numbers[0].CopyTo(_table, 0);

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

    private StaticTextEncoder Finish(string winner, TrainingSummary summary)
    {
        StaticEncoderContent content = _encoder.Content;
        LinearHead head = winner switch
        {
            HeadChoice.Raw => (LinearHead)RawHead.Of(Plan, content.Dimensions, null),
            HeadChoice.Pca => _pca,
            _ => _startHead,
        };
        int width = Plan.OutputDimensions;
        float[] table = winner == HeadChoice.Raw && width == content.Dimensions ? content.Table : Mapped(content.Table, head);
        if (winner == HeadChoice.Learned)
        {
            RestoreNumbers(Best.Numbers);
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
        return new StaticTextEncoder(content with { Dimensions = width, Table = table, TrainedDimensions = Plan.Dimensions, Training = summary });
    }

    private static float[] Mapped(float[] rows, LinearHead head)
    {
        var mapped = new float[rows.Length / head.InputDimensions * (long)head.OutputDimensions];
        head.ApplyMany(rows, mapped);
        return mapped;
    }
}
