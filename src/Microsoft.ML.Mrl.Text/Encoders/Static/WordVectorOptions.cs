using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>How <see cref="StaticTextEncoder.LoadWordVectors"/> reads a file.</summary>
public sealed record WordVectorOptions
{
    /// <summary>The form of the file. Default: as its name says.</summary>
    public WordVectorFormat Format { get; init; }

    /// <summary>The most words to read, from the start, where the frequent ones are. At least 1. <see langword="null"/> (default) for
    /// all.</summary>
    public int? MaxWords { get; init; }

    /// <summary>Whether texts are brought into lower case. <see langword="null"/> (default): if no word of the file has a letter in upper
    /// case.</summary>
    public bool? LowerCase { get; init; }

    /// <summary>
    /// a of the weight a / (a + p) that a word's vector is multiplied with (Arora et al. 2017, "A Simple but Tough-to-Beat Baseline for
    /// Sentence Embeddings"), p its share of all words by Zipf's law from its place in the file, which must be sorted by falling frequency.
    /// Above 0; 1e-3 suits most. <see langword="null"/> (default) for no weights.
    /// </summary>
    public double? FrequencyWeighting { get; init; }

    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(WordVectorOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (!Enum.IsDefined(Format))
        {
            yield return $"{nameof(Format)} is {Format}; choose {string.Join(", ", Enum.GetNames<WordVectorFormat>())}.";
        }
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
