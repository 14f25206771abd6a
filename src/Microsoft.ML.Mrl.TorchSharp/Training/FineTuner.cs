using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>
/// Trains whatever gives embeddings, compares what was learned with the raw and the PCA prefix, and says what to hand back.
/// </summary>
/// <param name="task">What is to be learned.</param>
/// <param name="trained">What learns it.</param>
/// <param name="log">Is told every epoch's scores.</param>
/// <param name="call">Is told the progress, and can end the training.</param>
internal sealed class FineTuner(TrainingTask task, ITrained trained, MrlLog log, FitCall call)
{
    private readonly HeldOutScores _scores = new(task, trained);

    /// <summary>Trains and decides.</summary>
    public TrainingResult Run()
    {
        TrainingPlan plan = task.Plan;
        var progress = new ProgressReporter(call.Progress, plan.Epochs, plan.Epochs * task.StepsPerEpoch);
        var loop = new TrainingLoop(
            task, trained, _scores, plan.LearningRate, plan.Epochs, plan.Options.CheckpointFolder, plan.Options.Resume, log, progress, call.Cancellation);
        loop.Prepare();
        double[] pca = _scores.OfPca();
        double[] raw = _scores.OfRaw();
        TrainedRun run = loop.Run(pca);
        progress.Report(MrlPhase.Done, loop.Epochs, loop.Steps, best: loop.Best.MeanScore);
        return Decide(raw, pca, run, loop.IsCancelled);
    }

    private TrainingResult Decide(double[] raw, double[] pca, TrainedRun run, bool isCancelled)
    {
        LearnedCandidate[] candidates = run.Best.Weights.Length == 0 ? [] : [new LearnedCandidate(run, 1, run.Best.LearnedScores)];
        (HeadVerdict verdict, LearnedCandidate? candidate) = new HeadChoice(task.Plan, task.Examples, task.Scoring, _scores, []).Choose(raw, pca, candidates);
        if (verdict.IsWarning)
        {
            log.Warning(verdict.Text);
        }
        else
        {
            log.Info(verdict.Text);
        }
        return new TrainingResult(Summarise(verdict, run, isCancelled), verdict.Winner == TrainingWinner.Learned ? candidate?.Weights([]) ?? [] : []);
    }

    private TrainingSummary Summarise(HeadVerdict verdict, TrainedRun run, bool isCancelled) => new()
    {
        Objective = task.Plan.Options.Objective.ToString(),
        Winner = verdict.Winner,
        Verdict = verdict.Text,
        Seed = task.Plan.Seed,
        TrainingRows = task.Split.Training.Length,
        ValidationRows = task.Split.Validation.Length,
        Epochs = run.Epochs,
        BestEpoch = run.Best.Epoch,
        Cancelled = isCancelled,
        ScoreName = task.HasValidation ? task.Plan.Options.Objective.ScoreName : "",
        ValidationScores = verdict.Scores,
    };
}
