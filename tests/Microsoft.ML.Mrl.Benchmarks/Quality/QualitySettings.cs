using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>What to measure: <c>key=value</c> words after the folder.</summary>
internal sealed class QualitySettings
{
    public const string Usage =
        """
        quality FOLDER [key=value …]
          tasks=banking77,clinc150,stsb,scifact,mnist,optdigits   also: support
          systems=raw,pca,lda,each,ours
          objectives=…          only supervisions whose name starts so: Classification, SameLabel, Pairs, ScoredPairs;
                                the first of them is also that of a head for each
          seeds=1,2,3
          rates=0.005,0.02,0.1   learning rates to choose from by the rows held back
          heads=Linear          kinds of head: Linear, Orthogonal, Residual; all but the first for the first supervision only
          weights=1;4,3,2,1,1   of the dimensions, ascending: alternatives to choose from by the rows held back; 1: all alike
          epochs= patience= batch= decay=   instead of the defaults
          support=FILE          the utterances of task support
          log=true              the training's log, to the error stream
        """;

    private static readonly string[] s_keys = ["tasks", "systems", "objectives", "seeds", "rates", "heads", "epochs", "patience", "batch", "decay", "weights", "support", "log"];

    private readonly Dictionary<string, string> _values;

    /// <exception cref="ArgumentException">A word is not <c>key=value</c>, or the key is not known.</exception>
    public QualitySettings(IEnumerable<string> words)
    {
        _values = words.Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.Length == 2 ? pair[1] : "");
        if (_values.FirstOrDefault(pair => !s_keys.Contains(pair.Key) || pair.Value.Length == 0) is { Key: { } key })
        {
            throw new ArgumentException($"'{key}' is not a known key with a value. Use:\n{Usage}");
        }
    }

    public string[] Tasks => List("tasks", "banking77,clinc150,stsb,scifact,mnist,optdigits");

    public string[] Systems => List("systems", "raw,pca,lda,each,ours");

    /// <summary>The beginnings of names of supervisions to use; empty for all.</summary>
    public string[] Objectives => List("objectives", "");

    public int[] Seeds => Array.ConvertAll(List("seeds", "1,2,3"), word => int.Parse(word, CultureInfo.InvariantCulture));

    public double[] LearningRates => Array.ConvertAll(List("rates", "0.005,0.02,0.1"), word => double.Parse(word, CultureInfo.InvariantCulture));

    public HeadKind[] Heads => Array.ConvertAll(List("heads", "Linear"), Enum.Parse<HeadKind>);

    /// <summary>Alternative weights of the dimensions; null: all alike. Weights of another number of dimensions are passed over.</summary>
    public float[]?[] WeightsFor(int dimensions)
    {
        float[]?[] all = [.. _values.GetValueOrDefault("weights", "1").Split(';').Select(words => words == "1" ? null : Array.ConvertAll(words.Split(','), word => float.Parse(word, CultureInfo.InvariantCulture)))];
        float[]?[] fitting = [.. all.Where(weights => weights is null || weights.Length == dimensions)];
        return fitting.Length > 0 ? fitting : [null];
    }

    public string SupportFile => _values.GetValueOrDefault("support", "src/Microsoft.ML.Mrl.Cli/Data/support.tsv");

    public bool Log => _values.GetValueOrDefault("log") == "true";

    /// <summary>The words given, for the heading.</summary>
    public override string ToString() => string.Join(" ", _values.Select(pair => $"{pair.Key}={pair.Value}"));

    /// <summary>Whether a supervision is wanted.</summary>
    public bool Wants(Supervision supervision) => Objectives.Length == 0 || Objectives.Any(start => supervision.Name.StartsWith(start, StringComparison.Ordinal));

    /// <summary>Options with what was asked for in place of the defaults.</summary>
    public MrlFineTuneOptions Apply(MrlFineTuneOptions options) => options with
    {
        Epochs = _values.ContainsKey("epochs") ? Number("epochs", 0) : options.Epochs,
        Patience = Number("patience", options.Patience),
        BatchSize = _values.ContainsKey("batch") ? Number("batch", 0) : options.BatchSize,
        WeightDecay = _values.TryGetValue("decay", out string? decay) ? double.Parse(decay, CultureInfo.InvariantCulture) : options.WeightDecay,
    };

    private string[] List(string key, string otherwise) => _values.GetValueOrDefault(key, otherwise).Split(',', StringSplitOptions.RemoveEmptyEntries);

    private int Number(string key, int otherwise) => _values.TryGetValue(key, out string? value) ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
