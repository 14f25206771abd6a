using System.Text;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

/// <summary>
/// The mark of a training in the folder of its checkpoints, for one whose first checkpoint comes late: it says from the start that the
/// folder belongs to it, so that a training that was ended before that checkpoint can be told from another one.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="store">Is told where the mark cannot be written.</param>
/// <param name="identity">What training it is.</param>
internal sealed class TrainingMark(CheckpointFolder folder, CheckpointStore store, string identity)
{
    private const string Extension = ".training";
    private const int MaxOthersToRead = 3;

    private readonly string _path = Path.Combine(folder.FullName, $"mrl-{TrainingIdentity.KeyOf(identity)}{Extension}");

    /// <summary>Leaves the mark.</summary>
    /// <param name="resume">What is asked of the folder.</param>
    /// <exception cref="InvalidOperationException">
    /// The training must go on and was not begun here; the message says what was.
    /// </exception>
    public void Begin(ResumeMode resume)
    {
        if (resume == ResumeMode.Required && !File.Exists(_path))
        {
            Refuse();
        }
        try
        {
            AtomicFile.Write(_path, stream => stream.Write(Encoding.UTF8.GetBytes(identity)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            store.WarnOfLoss(e);
        }
    }

    private void Refuse()
    {
        string[] others = [.. Directory.GetFiles(folder.FullName, "mrl-*" + Extension).OrderByDescending(File.GetLastWriteTimeUtc)];
        string why = others.Length == 0
            ? "and none that was ended before its first checkpoint"
            : string.Join("; ", others.Take(MaxOthersToRead).Select(file =>
                $"'{file}' is of another one: {TrainingIdentity.FirstDifference(File.ReadAllText(file), identity)}"));
        throw new InvalidOperationException(
            $"The training cannot go on from a checkpoint: '{folder.FullName}' holds no checkpoint of this training, {why}.");
    }
}
