using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using TorchSharp.Modules;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

/// <summary>Saves a training every so many steps, and brings it back to where it was.</summary>
internal sealed class CheckpointKeeper
{
    private readonly string _path;
    private readonly CheckpointFolder _folder;
    private readonly string _identity;
    private readonly int _every;
    private readonly TrainingState _state;
    private readonly ITrained _trained;
    private readonly Parameter[] _ofLoss;
    private readonly MrlLog _log;

    /// <param name="path">The folder, made if it is not there.</param>
    /// <param name="identity">What training checkpoints must be of.</param>
    /// <param name="every">Steps between two of them.</param>
    /// <param name="state">Where the training is.</param>
    /// <param name="trained">What learns.</param>
    /// <param name="log">Is told what was resumed, or why nothing was.</param>
    /// <exception cref="IOException">The folder cannot be made or written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be made or written to.</exception>
    public CheckpointKeeper(string path, string identity, int every, TrainingState state, ITrained trained, MrlLog log)
    {
        _path = path;
        _folder = new CheckpointFolder(path);
        _identity = identity;
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
        if (mode == ResumeMode.Never)
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
        string why = reasons.Count == 0 ? $"'{_path}' holds no checkpoint" : string.Join("; ", reasons);
        if (mode == ResumeMode.Required)
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
        if (always || _state.Steps % _every == 0)
        {
            _folder.Save(_state.Steps, stream =>
                CheckpointFormat.Write(stream, _identity, _state, _trained.TakeWeights(), WeightCopies.Take(_ofLoss), _trained.Optimizers));
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
