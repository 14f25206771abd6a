using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>What is to be learned, from which rows.</summary>
/// <param name="Plan">The options with their defaults filled in.</param>
/// <param name="Examples">All rows.</param>
/// <param name="Split">Those to train on and those held back.</param>
/// <param name="Scoring">The rows that scores are computed from.</param>
internal sealed record TrainingTask(TrainingPlan Plan, ExampleSet Examples, ExampleSplit Split, ScoringRows Scoring)
{
    /// <summary>Rows a batch, B.</summary>
    public int BatchSize => Math.Min(Plan.BatchSize, Split.Training.Length);

    /// <summary>Rows a step: a batch, or several where a transformer's losses are accumulated.</summary>
    public int RowsPerStep => BatchSize * Math.Min(Plan.Encoder is TransformerTextEncoder ? Plan.Transformer.AccumulationSteps : 1,
        Split.Training.Length / BatchSize);

    public int StepsPerEpoch => Split.Training.Length / RowsPerStep;

    public bool HasValidation => Split.Validation.Length > 0;

    /// <summary>The loss, with nothing learned.</summary>
    public MatryoshkaLoss CreateLoss() =>
        new(Plan.Learned.CreateLoss(Examples, Plan.Dimensions), Plan.Dimensions, Plan.Options.DimensionWeights);

    /// <summary>Makes the batches.</summary>
    /// <param name="scale">What inputs are divided by to be at the scale of the embeddings.</param>
    public BatchBuilder CreateBatches(double scale) => new(Examples, Plan.Options.Objective.Columns, scale);
}
