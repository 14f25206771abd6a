using System.Globalization;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Checkpoints;

/// <summary>The folder of a training's checkpoints: each is written aside and renamed into place, and the last two are kept.</summary>
internal sealed class CheckpointFolder
{
    private const int Kept = 2;
    private const string Prefix = "mrl-step-";
    private const string Extension = ".checkpoint";

    private readonly string _path;

    /// <exception cref="IOException">The folder cannot be made or written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be made or written to.</exception>
    public CheckpointFolder(string path)
    {
        _path = Directory.CreateDirectory(path).FullName;
        string probe = Path.Combine(_path, $".mrl-{Guid.NewGuid():N}");
        File.WriteAllBytes(probe, []);
        File.Delete(probe);
    }

    /// <summary>The checkpoints there are, newest first.</summary>
    public IReadOnlyList<string> Files => [.. Directory.EnumerateFiles(_path, Prefix + "*" + Extension).OrderDescending(StringComparer.Ordinal)];

    /// <summary>Writes the checkpoint of a step; what is there is whole at any moment.</summary>
    public void Save(int step, Action<Stream> write)
    {
        string target = Path.Combine(_path, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D10}{Extension}"));
        string aside = target + ".part";
        using (var stream = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }
        File.Move(aside, target, overwrite: true);
        foreach (string old in Files.Skip(Kept))
        {
            File.Delete(old);
        }
    }
}
