using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>What to measure: names of tasks and encoders, and <c>key=value</c> words.</summary>
internal sealed class QualitySettings
{
    public const string Usage =
        """
        quality [TASK …] [ENCODER …] [key=value …]
          TASK          banking77, clinc150, transfer, stsb, scifact, neighbors, mnist, optdigits; all of them for 'all' or without any
          ENCODER       minilm, arctic, glove; all without any; digits are measured by their pixels
          data=FOLDER   the public data sets, each in a folder of its own; default ../shared/data
          cache=FOLDER  where the encoders' vectors are kept; default mrl-vectors in the folder for temporary files
          seeds=1,2     of the trainings; default 1
          rows=N        the most rows to train on
          heldback=true measures on a fourth of the training rows, and on the development pairs of stsb, in place of the test rows
          log=true      the trainings' log, to the error stream
        """;

    private const string All = "all";

    private static readonly string[] s_keys = ["data", "cache", "seeds", "rows", "heldback", "log"];

    private readonly Dictionary<string, string> _values;

    /// <exception cref="ArgumentException">A word is no task, no encoder, and no known key with a value.</exception>
    public QualitySettings(IReadOnlyList<string> words)
    {
        string[] names = [.. words.Where(word => !word.Contains('=', StringComparison.Ordinal))];
        _values = words.Except(names).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        string? unknown = names.FirstOrDefault(
            name => name != All && !QualityTask.Names.Contains(name) && !VectorSource.Names.Contains(name))
            ?? _values.FirstOrDefault(pair => !s_keys.Contains(pair.Key) || pair.Value.Length == 0).Key;
        if (unknown is not null)
        {
            throw new ArgumentException($"'{unknown}' is no task, no encoder and no key with a value. Use:\n{Usage}");
        }
        Tasks = Named(QualityTask.Names);
        Encoders = Named(VectorSource.Names);
        if (!Directory.Exists(DataFolder))
        {
            throw new ArgumentException(
                $"The folder of the data sets, '{DataFolder}', is not there. Name it with data=FOLDER. Use:\n{Usage}");
        }

        string[] Named(string[] all) => names.Any(all.Contains)
            && !(names.Contains(All) && all == QualityTask.Names) ? [.. all.Where(names.Contains)] : all;
    }

    public string[] Tasks { get; }

    public string[] Encoders { get; }

    public string DataFolder => _values.GetValueOrDefault("data", Path.Combine("..", "shared", "data"));

    public string CacheFolder => _values.GetValueOrDefault("cache", Path.Combine(Path.GetTempPath(), "mrl-vectors"));

    public int[] Seeds =>
        Array.ConvertAll(_values.GetValueOrDefault("seeds", "1").Split(','), word => int.Parse(word, CultureInfo.InvariantCulture));

    public RowChoice Rows => new(
        _values.TryGetValue("rows", out string? rows) ? int.Parse(rows, CultureInfo.InvariantCulture) : null,
        _values.GetValueOrDefault("heldback") == "true");

    public bool Log => _values.GetValueOrDefault("log") == "true";
}
