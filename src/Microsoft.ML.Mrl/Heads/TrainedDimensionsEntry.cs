using System.Globalization;
using Microsoft.ML.Mrl.Files.Safetensors;

namespace Microsoft.ML.Mrl.Heads;

/// <summary>Reads and writes the trained dimensions in the metadata of a safetensors file.</summary>
internal static class TrainedDimensionsEntry
{
    private const string Key = "mrl.trained_dimensions";

    /// <summary>Returns the entry for some dimensions, or nothing if there are none.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(IReadOnlyCollection<int> trained)
    {
        if (trained.Count > 0)
        {
            yield return new(Key, string.Join(',', trained));
        }
    }

    /// <summary>Determines whether an entry names trained dimensions.</summary>
    public static bool Is(KeyValuePair<string, string> entry) => entry.Key == Key;

    /// <summary>Returns the dimensions that a file names, or null if it names none.</summary>
    /// <exception cref="SafetensorsException">They are not prefix lengths of vectors of that width.</exception>
    public static MatryoshkaDimensions? Read(SafetensorsFile file, int outputs) => Read(file.Metadata, file.Path, outputs);

    /// <summary>Returns the dimensions that a file's metadata names, or null if it names none.</summary>
    /// <param name="metadata">The metadata.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="outputs">The width that they are prefix lengths of.</param>
    /// <exception cref="SafetensorsException">They are not prefix lengths of vectors of that width.</exception>
    public static MatryoshkaDimensions? Read(IReadOnlyList<KeyValuePair<string, string>> metadata, string path, int outputs)
    {
        string? text = metadata.FirstOrDefault(pair => pair.Key == Key).Value;
        if (text is null)
        {
            return null;
        }
        try
        {
            var trained = new MatryoshkaDimensions(text.Split(',').Select(t =>
                int.Parse(t, NumberStyles.None, CultureInfo.InvariantCulture)));
            if (trained.Largest <= outputs)
            {
                return trained;
            }
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
        }
        throw new SafetensorsException(path, null, $"{Key} in its metadata to list prefix lengths in 1..{outputs}",
            $"'{(text.Length > 100 ? text[..100] + "…" : text)}'", "Name the trained dimensions when importing, or export the head again.");
    }
}
