using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.ML.Mrl.TorchSharp.Options;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Trains one head.</summary>
internal sealed class HeadTrainer : FineTuner
{
    private readonly TrainingSpace _space;
    private readonly HeadModule _head;
    private readonly BatchReader _batches;
    private readonly AdamW _optimizer;

    public HeadTrainer(TrainingPlan plan, ExampleSet examples, ExampleSplit split, TrainingSpace space, Random random, MrlLog log)
        : base(plan, examples, split, space.Scale, random, log)
    {
        _space = space;
        _head = HeadModules.Create(plan, space, random);
        _batches = new BatchReader(Builder, space, _head);
        _optimizer = new AdamW([.. _head.Numbers, .. Loss.Parameters], plan.Options.WeightDecay);
    }

    protected override IEmbeddingSource Learned => CoordinateEmbeddings.Of(_space, _head);

    protected override IEmbeddingSource Pca => CoordinateEmbeddings.OfPca(_space, Plan);

    protected override IReadOnlyList<IOptimizerState> Optimizers => [_optimizer];

    public EmbeddingHead Train()
    {
        // A rotation is solved for in every step.
        using ThreadLimit threads = Plan.IsOrthogonal ? ThreadLimit.ToOne() : ThreadLimit.ForSteps((double)BatchSize * _space.Width * Plan.OutputDimensions * _space.Roles.Count);
        TrainingSummary summary = Run(out HeadVerdict verdict);
        return Finish(verdict.Winner, summary);
    }

    protected override double Step(ReadOnlySpan<int> rows, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = Loss.Forward(_batches.Read(rows));
        loss.backward();
        double value = loss.item<float>();
        if (!double.IsFinite(value))
        {
            _optimizer.Drop();
            return double.NaN;
        }
        return _optimizer.Step(learningRate) ? value : double.NaN;
    }

    protected override float[][] TakeNumbers() => NumberSnapshot.Take(_head.Numbers);

    protected override void RestoreNumbers(float[][] numbers) => NumberSnapshot.Restore(_head.Numbers, numbers);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _head.Dispose();
        }
        base.Dispose(disposing);
    }

    private EmbeddingHead Finish(string winner, TrainingSummary summary)
    {
        if (winner == HeadChoice.Raw)
        {
            return RawHead.Of(Plan, Examples.Anchors.Width, summary);
        }
        if (winner == HeadChoice.Pca)
        {
            return PcaHead.Of(Plan, _space, summary);
        }
        RestoreNumbers(Best.Numbers);
        return _head.ToHead(_space, Plan.Dimensions, summary);
    }
}
