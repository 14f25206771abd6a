using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

/// <summary>Saves a training every so many steps, and brings it back to where it was.</summary>
internal sealed class CheckpointKeeper
{
    private readonly MrlFineTuneOptions _options;
    private readonly CheckpointFolder _folder;
    private readonly string _identity;
    private readonly TrainingState _state;
    private readonly LearningState _learning;
    private readonly MrlLog _log;

    private CheckpointKeeper(MrlFineTuneOptions options, CheckpointFolder folder, string identity, TrainingState state, LearningState learning, MrlLog log)
    {
        _options = options;
        _folder = folder;
        _identity = identity;
        _state = state;
        _learning = learning;
        _log = log;
    }

    /// <summary>The keeper of a training; null where its options name no folder.</summary>
    /// <exception cref="IOException">The folder cannot be made or written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be made or written to.</exception>
    public static CheckpointKeeper? Of(TrainingPlan plan, ExampleSet examples, TrainingState state, LearningState learning, MrlLog log)
    {
        if (plan.Options.CheckpointFolder is not { } path)
        {
            return null;
        }
        var folder = new CheckpointFolder(path);
        int[] shapes = [.. learning.TakeNumbers().Select(part => part.Length), .. learning.LossParameters.Select(p => (int)p.NumberOfElements)];
        return new CheckpointKeeper(plan.Options, folder, TrainingIdentity.Of(plan, examples, shapes), state, learning, log);
    }

    /// <summary>Goes on from the newest whole checkpoint, if the options want that; says which, or why not.</summary>
    /// <exception cref="InvalidOperationException">The options require a checkpoint and there is none that fits.</exception>
    public void Resume()
    {
        if (_options.Resume == ResumeMode.Never)
        {
            return;
        }
        var reasons = new List<string>();
        foreach (string file in _folder.Files)
        {
            try
            {
                Read(file);
                _log.Info($"Going on from '{file}': epoch {_state.Epoch}, step {_state.Steps}.");
                return;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                reasons.Add($"'{file}': {e.Message}");
            }
        }
        string why = reasons.Count == 0 ? $"'{_options.CheckpointFolder}' holds no checkpoint" : string.Join("; ", reasons);
        if (_options.Resume == ResumeMode.Required)
        {
            throw new InvalidOperationException($"The training cannot go on from a checkpoint: {why}.");
        }
        if (reasons.Count > 0)
        {
            _log.Warning($"The training begins anew, since no checkpoint can be used: {why}.");
        }
    }

    /// <summary>Saves if it is time to, or at once where asked.</summary>
    public void AfterStep(bool always = false)
    {
        if (always || _state.Steps % _options.CheckpointEvery == 0)
        {
            _folder.Save(_state.Steps, stream =>
                CheckpointFormat.Write(stream, _identity, _state, _learning.TakeNumbers(), NumberSnapshot.Take(_learning.LossParameters), _learning.Optimizers));
        }
    }

    private void Read(string file)
    {
        float[][] numbers = _learning.TakeNumbers();
        float[][] ofLoss = NumberSnapshot.Take(_learning.LossParameters);
        using (FileStream stream = File.OpenRead(file))
        {
            CheckpointFormat.Read(stream, _identity, _state, numbers, ofLoss, _learning.Optimizers);
        }
        _learning.RestoreNumbers(numbers);
        NumberSnapshot.Restore(_learning.LossParameters, ofLoss);
    }
}
