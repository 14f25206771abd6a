using System.Globalization;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

/// <summary>
/// The checkpoints in a folder, whose names hold a key of their training. Each is written aside and renamed into place; of those of this
/// training the last two are kept, and those of others are left alone.
/// </summary>
internal sealed class CheckpointFolder
{
    private const int Kept = 2;
    private const string Prefix = "mrl-";
    private const string Step = "-step-";
    private const string Extension = ".checkpoint";
    private const string AsideExtension = ".part";

    private readonly CheckpointStore _store;
    private readonly List<string> _kept = [];

    /// <param name="path">The folder, made if it is not there.</param>
    /// <param name="store">The store that it is a part of, which reports checkpoints that could not be written.</param>
    /// <exception cref="IOException">The folder cannot be made or written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be made or written to.</exception>
    public CheckpointFolder(string path, CheckpointStore store)
    {
        FullName = Directory.CreateDirectory(path).FullName;
        _store = store;
        // The store belongs to this training alone, so no other process is writing these files.
        foreach (string left in Directory.GetFiles(FullName, Prefix + "*" + Extension + AsideExtension))
        {
            File.Delete(left);
        }
    }

    /// <summary>Its full path.</summary>
    public string FullName { get; }

    /// <summary>The checkpoints of a training, newest first.</summary>
    public string[] FilesOf(string key) =>
        [.. Directory.GetFiles(FullName, PrefixOf(key) + "*" + Extension).OrderDescending(StringComparer.Ordinal)];

    /// <summary>The checkpoints of other trainings, the last written first.</summary>
    public string[] FilesOfOthers(string key) =>
        [.. Directory.GetFiles(FullName, Prefix + "*" + Extension).Except(FilesOf(key)).OrderByDescending(File.GetLastWriteTimeUtc)];

    /// <summary>Says from which checkpoint the training goes on: it and the one before count as this training's own.</summary>
    public void GoesOnFrom(string key, string file) =>
        _kept.AddRange(FilesOf(key).SkipWhile(other => other != file).Take(Kept).Reverse());

    /// <summary>
    /// Writes the checkpoint of a step; what is there is whole at any moment. Where it cannot be written, what is there stays, and the
    /// store is told.
    /// </summary>
    public void Save(string key, int step, Action<Stream> write)
    {
        string target = Path.Combine(FullName, string.Create(CultureInfo.InvariantCulture, $"{PrefixOf(key)}{step:D10}{Extension}"));
        string aside = target + AsideExtension;
        try
        {
            using (var stream = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(aside, target, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Delete(aside);
            _store.WarnOfLoss(e);
            return;
        }
        _kept.Remove(target);
        _kept.Add(target);
        _kept.RemoveRange(0, Math.Max(0, _kept.Count - Kept));
        // Also those of a training of the same identity that this one has replaced from its beginning.
        foreach (string old in FilesOf(key).Except(_kept))
        {
            Delete(old);
        }
    }

    private static string PrefixOf(string key) => Prefix + key + Step;

    private static void Delete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next checkpoint tries again.
        }
    }
}
