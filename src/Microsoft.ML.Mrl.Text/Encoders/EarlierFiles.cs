using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Text.Encoders;

/// <summary>
/// Represents the files of an encoder that was in a folder before another one is saved to it. Without their deletion, the new encoder would
/// be read with files of the old one.
/// </summary>
internal sealed class EarlierFiles
{
    private readonly Dictionary<string, DateTime> _written;

    private EarlierFiles(Dictionary<string, DateTime> written) => _written = written;

    /// <summary>Finds the files of a folder and of the folders of its modules.</summary>
    public static EarlierFiles Of(string folder) => new(
        new[] { folder }.Concat(Directory.GetDirectories(folder).Where(sub => char.IsAsciiDigit(Path.GetFileName(sub)[0])))
            .SelectMany(Directory.GetFiles).Where(IsOfAnEncoder)
            .ToDictionary(path => path, File.GetLastWriteTimeUtc, StringComparer.Ordinal));

    /// <summary>Deletes the files that were not written again.</summary>
    public void DeleteUnwritten()
    {
        foreach ((string path, DateTime time) in _written)
        {
            if (File.Exists(path) && File.GetLastWriteTimeUtc(path) == time)
            {
                File.Delete(path);
            }
        }
    }

    private static bool IsOfAnEncoder(string path) => Path.GetFileName(path) is var name
        && (ModelFiles.Names.Contains(name) || name == TensorFile.IndexName
            || (name.StartsWith("model", StringComparison.Ordinal) && name.EndsWith(".safetensors", StringComparison.Ordinal)));
}
