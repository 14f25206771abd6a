using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Search;

/// <summary>What to measure: names of collections, and <c>key=value</c> words.</summary>
internal sealed class SearchSettings
{
    public const string Usage =
        """
        search [COLLECTION …] [key=value …]
          COLLECTION    raw, pca, head (MiniLM vectors of real texts), made; all without any
          data=FOLDER   the public data sets, each in a folder of its own; default ../shared/data
          cache=FOLDER  where the encoder's vectors are kept; default mrl-vectors in the folder for temporary files
          seed=1        of the order, of the made vectors and of the training
          rows=N        the most real rows
          made=200000   made rows
          width=768     their values
          queries=1024  timed
          sample=4000   to tune with; half of them certify
          rounds=5      whose median counts
        """;

    public static readonly string[] Collections = ["raw", "pca", "head", "made"];

    private static readonly string[] s_keys = ["data", "cache", "seed", "rows", "made", "width", "queries", "sample", "rounds"];

    private readonly Dictionary<string, string> _values;

    /// <exception cref="ArgumentException">A word is no collection and no known key with a value.</exception>
    public SearchSettings(IReadOnlyList<string> words)
    {
        string[] names = [.. words.Where(word => !word.Contains('=', StringComparison.Ordinal))];
        _values = words.Except(names).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        string? unknown = names.FirstOrDefault(name => !Collections.Contains(name))
            ?? _values.Keys.FirstOrDefault(key => !s_keys.Contains(key));
        if (unknown is not null)
        {
            throw new ArgumentException($"'{unknown}' is no collection and no key with a value. Use:\n{Usage}");
        }
        Names = names.Length > 0 ? names : Collections;
    }

    public string[] Names { get; }

    public string DataFolder => _values.GetValueOrDefault("data", Path.Combine("..", "shared", "data"));

    public string CacheFolder => _values.GetValueOrDefault("cache", Path.Combine(Path.GetTempPath(), "mrl-vectors"));

    public int Seed => Int("seed", 1);

    public int Rows => Int("rows", int.MaxValue);

    public int Made => Int("made", 200_000);

    public int Width => Int("width", 768);

    public int Queries => Int("queries", 1024);

    public int Sample => Int("sample", 4000);

    public int Rounds => Int("rounds", 5) | 1;

    private int Int(string key, int usual) => _values.TryGetValue(key, out string? value) ? int.Parse(value, CultureInfo.InvariantCulture)
        : usual;
}
