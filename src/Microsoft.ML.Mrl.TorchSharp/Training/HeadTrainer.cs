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
    private readonly TrainingSpace _space;
    private readonly HeadModule _head;
    private readonly AdamW _optimizer;
    private readonly KeptCosines? _kept;
    private readonly Tensor? _centre;

    /// <param name="task">What is to be learned.</param>
    /// <param name="space">The coordinates that it is learned in.</param>
    /// <param name="random">Draws the start of a hidden layer.</param>
    public HeadTrainer(TrainingTask task, TrainingSpace space, Random random)
    {
        Task = task;
        _space = space;
        Batches = task.CreateBatches(space.Scale);
        Loss = task.CreateLoss();
        _head = HeadModules.Create(task.Plan, space, random);
        if (task.Plan.Geometry > 0)
        {
            _kept = new KeptCosines(task.Plan.Dimensions, task.Plan.Geometry);
            _centre = space.CentreCoordinates();
        }
        _optimizer = new AdamW([.. _head.Weights, .. Loss.Parameters], task.Plan.Options.WeightDecay);
    }

    /// <summary>Another with the same weights, to learn by itself.</summary>
    /// <param name="task">What it is to learn; the same but for the learning rate.</param>
    /// <param name="space">The coordinates that it is learned in.</param>
    public HeadTrainer Again(TrainingTask task, TrainingSpace space)
    {
        var other = new HeadTrainer(task, space, new Random(task.Plan.Seed));
        other.PutWeights(TakeWeights());
        WeightCopies.Put([.. other.Loss.Parameters], WeightCopies.Take([.. Loss.Parameters]));
        return other;
    }

    public TrainingTask Task { get; }

    public MatryoshkaLoss Loss { get; }

    public BatchBuilder Batches { get; }

    public IEmbeddingSource Learned => CoordinateEmbeddings.Of(_space, _head);

    public IEmbeddingSource Pca => CoordinateEmbeddings.OfPca(_space, Task.Plan);

    public IReadOnlyList<IOptimizerState> Optimizers => [_optimizer];

    /// <summary>Trains heads, of the same task but of different kinds, and hands back the best, or what was there before.</summary>
    public static EmbeddingHead Train(IReadOnlyList<HeadTrainer> heads, MrlLog log, FitCall call)
    {
        (TrainingTask task, TrainingSpace space) = (heads[0].Task, heads[0]._space);
        using ThreadLimit threads = LimitThreads(task, space, heads.Count > 1);
        return HeadOf(new FineTuner(heads, log, call, SideBySide.Of(task.Plan, threads, log, call.Cancellation)).Run(), space);
    }

    /// <summary>Takes as many threads as steps of a size are quickest with.</summary>
    public static ThreadLimit LimitThreads(TrainingTask task, TrainingSpace space, bool isOneOfSeveral) =>
        // A rotation is solved for in every step.
        task.Plan.IsOrthogonal ? ThreadLimit.ToOne()
            : ThreadLimit.ForSteps(
                (double)task.BatchSize * space.Width * task.Plan.OutputDimensions * space.Roles.Count,
                isOneOfSeveral && !task.Plan.Options.Objective.IsOfUser);

    /// <summary>The head that a training came to.</summary>
    public static EmbeddingHead HeadOf(TrainingResult result, TrainingSpace space)
    {
        var trained = (HeadTrainer)result.Trained;
        return result.Summary.Winner switch
        {
            TrainingWinner.Raw => StartingHeads.Raw(trained.Task.Plan, trained.Task.Examples.Anchors.Width, result.Summary),
            TrainingWinner.Pca => StartingHeads.Pca(trained.Task.Plan, space, result.Summary),
            _ => trained.ToHead(result),
        };
    }

    public double Step(ReadOnlySpan<int> rows, double learningRate, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor coordinates = _space.Coordinates(rows);
        EmbeddingBatch batch = Read(rows, coordinates);
        Tensor loss = Loss.Forward(batch);
        if (_kept is not null)
        {
            Tensor inputs = coordinates.narrow(0, (long)IndexOf(VectorRole.Anchor) * rows.Length, rows.Length).Plus(_centre!);
            loss = loss.Plus(_kept.Of(batch.Anchors, inputs));
        }
        loss.backward();
        double value = loss.item<float>();
        if (!double.IsFinite(value))
        {
            _optimizer.Drop();
            return double.NaN;
        }
        return _optimizer.Step(learningRate) ? value : double.NaN;
    }

    public float[][] TakeWeights() => WeightCopies.Take(_head.Weights);

    public void PutWeights(float[][] weights) => WeightCopies.Put(_head.Weights, weights);

    public bool CanPutStartBehind => _head.CanPutStartBehind;

    public float[][] WithStartBehind(float[][] weights, int columns, float scale) => _head.WithStartBehind(weights, columns, scale);

    /// <summary>What the objective has in place of learned weights.</summary>
    public ClosedForm InClosedForm(double shrinkage)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] rows = Task.Split.Training;
        Tensor? positives = _space.Roles.Contains(VectorRole.Positive) ? _space.Coordinates(VectorRole.Positive, rows) : null;
        Tensor map = Task.Plan.Learned.InClosedForm(
            new SolvedRows(_space.Coordinates(VectorRole.Anchor, rows), positives, Of(Task.Examples.Scores), Of(Task.Examples.Labels)),
            shrinkage);
        return new ClosedForm(this, map.MoveToOuterDisposeScope(), _space.Variances);

        T[]? Of<T>(T[]? all) => all is null ? null : Array.ConvertAll(rows, row => all[row]);
    }

    /// <summary>
    /// The weights of the linear head y = z · map, with as many of the map's first columns as the output has, and zeros behind where it has
    /// more.
    /// </summary>
    public float[][] WeightsOf(Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        long outputs = Task.Plan.OutputDimensions, kept = Math.Min(outputs, map.shape[1]);
        return ((LinearHeadModule)_head).WeightsOf(cat([map.narrow(1, 0, kept), zeros(map.shape[0], outputs - kept)], 1));
    }

    public void Dispose()
    {
        _head.Dispose();
        _centre?.Dispose();
        Loss.Dispose();
    }

    private EmbeddingHead ToHead(TrainingResult result)
    {
        PutWeights(result.Weights);
        return _head.ToHead(_space, Task.Plan.Dimensions, result.Summary);
    }

    /// <summary>The batch of some rows: their coordinates in every role go through the head in one product.</summary>
    private EmbeddingBatch Read(ReadOnlySpan<int> rows, Tensor coordinates)
    {
        Tensor embeddings = _head.forward(coordinates);
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
