using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Folds;

/// <summary>Rows to train on and rows to measure on, and the coordinates that the former give.</summary>
internal sealed class Part : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly ExampleSet _examples;
    private readonly ExampleSplit _split;

    /// <param name="plan">The plan.</param>
    /// <param name="examples">All rows.</param>
    /// <param name="split">Those to train on.</param>
    /// <param name="scoring">Those to measure on.</param>
    /// <param name="storage">Where coordinates lie.</param>
    public Part(TrainingPlan plan, ExampleSet examples, ExampleSplit split, ScoringRows scoring, RowStorage storage)
        : this(plan, examples, split, scoring,
            TrainingSpace.Of(examples, plan.OutputDimensions, new Random(plan.Seed), storage, split.Training))
    {
    }

    private Part(TrainingPlan plan, ExampleSet examples, ExampleSplit split, ScoringRows scoring, TrainingSpace space)
    {
        _plan = plan;
        _examples = examples;
        _split = split;
        Scoring = scoring;
        Space = space;
    }

    public ScoringRows Scoring { get; }

    public TrainingSpace Space { get; }

    /// <summary>How many rows are trained on.</summary>
    public int Rows => _split.Training.Length;

    /// <summary>The same by another plan; of the two only one is to be disposed of.</summary>
    public Part With(TrainingPlan plan) => new(plan, _examples, _split, Scoring, Space);

    /// <summary>A head at its start.</summary>
    public HeadTrainer Create(TrainingVariant variant) =>
        new(TaskOf(variant), Space, new Random(_plan.Seed));

    /// <summary>What such a head is to learn.</summary>
    public TrainingTask TaskOf(TrainingVariant variant) => new(_plan.Of(variant), _examples, _split, Scoring);

    public void Dispose() => Space.Dispose();
}
