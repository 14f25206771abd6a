using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Options;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Trains one head.</summary>
internal sealed class HeadTrainer : ITrained, IDisposable
{
    private readonly TrainingTask _task;
    private readonly TrainingSpace _space;
    private readonly HeadModule _head;
    private readonly AdamW _optimizer;

    /// <param name="task">What is to be learned.</param>
    /// <param name="space">The coordinates that it is learned in.</param>
    /// <param name="random">Draws the start of a hidden layer.</param>
    public HeadTrainer(TrainingTask task, TrainingSpace space, Random random)
    {
        _task = task;
        _space = space;
        Batches = task.CreateBatches(space.Scale);
        Loss = task.CreateLoss();
        _head = HeadModules.Create(task.Plan, space, random);
        _optimizer = new AdamW([.. _head.Numbers, .. Loss.Parameters], task.Plan.Options.WeightDecay);
    }

    public MatryoshkaLoss Loss { get; }

    public BatchBuilder Batches { get; }

    public IEmbeddingSource Learned => CoordinateEmbeddings.Of(_space, _head);

    public IEmbeddingSource Pca => CoordinateEmbeddings.OfPca(_space, _task.Plan);

    public IReadOnlyList<IOptimizerState> Optimizers => [_optimizer];

    public EmbeddingHead Train(MrlLog log, FitCall call)
    {
        // A rotation is solved for in every step.
        TrainingPlan plan = _task.Plan;
        using ThreadLimit threads = plan.IsOrthogonal
            ? ThreadLimit.ToOne()
            : ThreadLimit.ForSteps((double)_task.BatchSize * _space.Width * plan.OutputDimensions * _space.Roles.Count);
        TrainingResult result = new FineTuner(_task, this, log, call).Run();
        switch (result.Summary.Winner)
        {
            case TrainingWinner.Raw:
                return StartingHeads.Raw(plan, _task.Examples.Anchors.Width, result.Summary);
            case TrainingWinner.Pca:
                return StartingHeads.Pca(plan, _space, result.Summary);
            default:
                PutWeights(result.Weights);
                return _head.ToHead(_space, plan.Dimensions, result.Summary);
        }
    }

    public double Step(ReadOnlySpan<int> rows, double learningRate, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = Loss.Forward(Read(rows));
        loss.backward();
        double value = loss.item<float>();
        if (!double.IsFinite(value))
        {
            _optimizer.Drop();
            return double.NaN;
        }
        return _optimizer.Step(learningRate) ? value : double.NaN;
    }

    public float[][] TakeWeights() => WeightCopies.Take(_head.Numbers);

    public void PutWeights(float[][] weights) => WeightCopies.Put(_head.Numbers, weights);

    public void Dispose()
    {
        _head.Dispose();
        Loss.Dispose();
    }

    /// <summary>The batch of some rows: their coordinates in every role go through the head in one product.</summary>
    private EmbeddingBatch Read(ReadOnlySpan<int> rows)
    {
        Tensor embeddings = _head.forward(_space.Coordinates(rows));
        Tensor[] parts = _space.Roles.Count == 1 ? [embeddings] : embeddings.split(rows.Length);
        return Batches.Build(rows, role => parts[IndexOf(role)]);
    }

    private int IndexOf(VectorRole role)
    {
        for (int i = 0; i < _space.Roles.Count; i++)
        {
            if (_space.Roles[i] == role)
            {
                return i;
            }
        }
        throw new ArgumentOutOfRangeException(nameof(role), role, $"The head maps no {role} column.");
    }
}
