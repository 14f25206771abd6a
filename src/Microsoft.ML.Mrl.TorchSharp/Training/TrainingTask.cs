using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Gate;
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

    /// <summary>What a training came to, in figures and words.</summary>
    /// <param name="verdict">What was decided.</param>
    /// <param name="run">The training that this was about; null where there was none.</param>
    /// <param name="heldRows">How many rows were held back, at once or in turn.</param>
    /// <param name="isCancelled">Whether the caller ended it.</param>
    public TrainingSummary Summarise(HeadVerdict verdict, TrainedRun? run, int heldRows, bool isCancelled) => new()
    {
        Objective = Plan.Options.Objective.ToString(),
        Winner = verdict.Winner,
        Verdict = verdict.Text,
        Seed = Plan.Seed,
        TrainingRows = Split.Training.Length,
        ValidationRows = heldRows,
        Epochs = run?.Epochs ?? 0,
        BestEpoch = run?.Best.Epoch ?? 0,
        Cancelled = isCancelled,
        ScoreName = heldRows > 0 ? Plan.Options.Objective.ScoreName : "",
        ValidationScores = verdict.Scores,
    };

    /// <summary>The loss, with nothing learned.</summary>
    public MatryoshkaLoss CreateLoss() =>
        new(Plan.Learned.CreateLoss(Examples, Plan.Dimensions), Plan.Dimensions, Plan.Options.DimensionWeights);

    /// <summary>Makes the batches.</summary>
    /// <param name="scale">What inputs are divided by to be at the scale of the embeddings.</param>
    public BatchBuilder CreateBatches(double scale) => new(Examples, Plan.Options.Objective.Columns, scale);
}
