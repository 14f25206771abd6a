using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Friend;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

/// <summary>
/// The folder that a user gives for checkpoints. It belongs to one training as long as that runs, whether that is one loop or a family of
/// them.
/// </summary>
internal sealed class CheckpointStore : IDisposable
{
    private const string LockName = ".mrl.lock";

    private readonly string _path;
    private readonly MrlLog _log;
    private readonly FileStream _lock;
    private bool _hasWarned;

    /// <param name="path">The folder, made if it is not there.</param>
    /// <param name="log">Receives warnings about checkpoints that could not be written.</param>
    /// <exception cref="IOException">The folder cannot be made or written to, or another training uses it.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be made or written to.</exception>
    public CheckpointStore(string path, MrlLog log)
    {
        _path = Directory.CreateDirectory(path).FullName;
        _log = log;
        _lock = LockFile.TryHold(Path.Combine(_path, LockName)) ?? throw new IOException(
            $"Another training is writing checkpoints to '{_path}'. Wait until it ends, or choose another " +
            $"{nameof(MrlTrainingOptions.CheckpointFolder)}.");
    }

    /// <summary>The folder of one of the trainings: a folder within, or this one where the name is empty.</summary>
    public CheckpointFolder Folder(string name) => new(name.Length == 0 ? _path : Path.Combine(_path, name), this);

    /// <summary>Says that a checkpoint could not be written: once, however often it happens.</summary>
    public void WarnOfLoss(Exception reason)
    {
        if (!_hasWarned)
        {
            _hasWarned = true;
            _log.Warning($"A checkpoint could not be written to '{_path}': {reason.Message} The training goes on without it. Earlier " +
                $"checkpoints stay, and further ones are tried; this is not said again.");
        }
    }

    public void Dispose() => _lock.Dispose();
}
