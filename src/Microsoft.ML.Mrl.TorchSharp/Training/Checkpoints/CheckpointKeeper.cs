using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using TorchSharp.Modules;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

/// <summary>Saves a training every so many steps, and brings it back to where it was.</summary>
internal sealed class CheckpointKeeper
{
    /// <summary>So many checkpoints of other trainings are opened to say what is different.</summary>
    private const int MaxOthersToRead = 3;

    private readonly CheckpointFolder _folder;
    private readonly string _identity;
    private readonly string _key;
    private readonly int _every;
    private readonly TrainingState _state;
    private readonly ITrained _trained;
    private readonly Parameter[] _ofLoss;
    private readonly MrlLog _log;

    /// <param name="folder">The folder.</param>
    /// <param name="identity">What training checkpoints must be of.</param>
    /// <param name="every">Steps between two of them.</param>
    /// <param name="state">Where the training is.</param>
    /// <param name="trained">What learns.</param>
    /// <param name="log">Receives what was resumed, or why nothing was.</param>
    public CheckpointKeeper(CheckpointFolder folder, string identity, int every, TrainingState state, ITrained trained, MrlLog log)
    {
        _folder = folder;
        _identity = identity;
        _key = TrainingIdentity.KeyOf(identity);
        _every = every;
        _state = state;
        _trained = trained;
        _ofLoss = [.. trained.Loss.Parameters];
        _log = log;
    }

    /// <summary>Goes on from the newest whole checkpoint, if that is wanted; says which, or why not.</summary>
    /// <exception cref="InvalidOperationException">The mode requires a checkpoint and there is none that fits.</exception>
    public void Resume(ResumeMode mode)
    {
        string[] others = _folder.FilesOfOthers(_key);
        if (mode == ResumeMode.Never)
        {
            TellOfOthers(others);
            return;
        }
        var reasons = new List<string>();
        foreach (string file in _folder.FilesOf(_key).Concat(others.Take(MaxOthersToRead)))
        {
            try
            {
                Read(file);
                _folder.GoesOnFrom(_key, file);
                _log.Info($"Going on from '{file}': epoch {_state.Epoch}, step {_state.Steps}.");
                TellOfOthers(others);
                return;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                reasons.Add($"'{file}': {e.Message}");
            }
        }
        string why = reasons.Count == 0 ? $"'{_folder.FullName}' holds no checkpoint" : string.Join("; ", reasons);
        if (mode == ResumeMode.Required)
        {
            throw new InvalidOperationException($"The training cannot go on from a checkpoint: {why}.");
        }
        if (reasons.Count > 0)
        {
            _log.Warning($"The training begins anew, since no checkpoint can be used: {why}.");
            TellOfOthers(others);
        }
    }

    /// <summary>Saves if it is time to, or at once where asked.</summary>
    public void AfterStep(bool always = false)
    {
        if (always || _state.Steps % _every == 0)
        {
            _folder.Save(_key, _state.Steps, stream =>
                CheckpointFormat.Write(stream, _identity, _state, _trained.TakeWeights(), WeightCopies.Take(_ofLoss), _trained.Optimizers));
        }
    }

    private void TellOfOthers(string[] others)
    {
        if (others.Length > 0)
        {
            _log.Info($"'{_folder.FullName}' also holds {others.Length} checkpoint{(others.Length == 1 ? "" : "s")} of other trainings, " +
                $"such as '{Path.GetFileName(others[0])}'. They are kept. Delete them if they are no longer needed.");
        }
    }

    private void Read(string file)
    {
        float[][] weights = _trained.TakeWeights();
        float[][] ofLoss = WeightCopies.Take(_ofLoss);
        using (FileStream stream = File.OpenRead(file))
        {
            CheckpointFormat.Read(stream, _identity, _state, weights, ofLoss, _trained.Optimizers);
        }
        _trained.PutWeights(weights);
        WeightCopies.Put(_ofLoss, ofLoss);
    }
}
