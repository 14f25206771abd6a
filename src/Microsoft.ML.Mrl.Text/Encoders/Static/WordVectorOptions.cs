using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>Represents the options of <see cref="StaticTextEncoder.LoadWordVectors"/>.</summary>
public sealed record WordVectorOptions
{
    /// <summary>
    /// Gets the largest number of words to read, at least 1. Words are read from the start of the file, where the frequent ones stand. The
    /// default, <see langword="null"/>, reads all of them.
    /// </summary>
    public int? MaxWords { get; init; }

    /// <summary>
    /// Gets whether texts are converted to lower case. The default, <see langword="null"/>, does so when no word of the file has an
    /// upper-case letter.
    /// </summary>
    public bool? LowerCase { get; init; }

    /// <summary>
    /// Gets the number a, above 0, in the weight a / (a + p) of a word's vector (Arora et al. 2017, "A Simple but Tough-to-Beat Baseline
    /// for Sentence Embeddings"). p is the word's share of all words by Zipf's law, so the file must list words by falling frequency. 1e-3
    /// suits most files. The default, <see langword="null"/>, uses no weights.
    /// </summary>
    public double? FrequencyWeighting { get; init; }

    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(WordVectorOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (MaxWords < 1)
        {
            yield return $"{nameof(MaxWords)} is {MaxWords}; choose 1 or more.";
        }
        if (FrequencyWeighting is { } a && !(a > 0 && double.IsFinite(a)))
        {
            yield return $"{nameof(FrequencyWeighting)} is {a}; choose a number above 0.";
        }
    }
}
