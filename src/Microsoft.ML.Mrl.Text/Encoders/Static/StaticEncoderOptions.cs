using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text.Encoders.Static;

namespace Microsoft.ML.Mrl;

/// <summary>Provides options for <see cref="StaticTextEncoder.Create"/>. All invalid values are reported at once.</summary>
public sealed class StaticEncoderOptions
{
    /// <summary>Gets the width D of the embeddings, at least 1. The default is 256.</summary>
    public int Dimensions { get; init; } = 256;

    /// <summary>Gets the number of occurrences in the corpus from which a word gets its own vector, at least 1. The default is 2.</summary>
    public int MinCount { get; init; } = 2;

    /// <summary>
    /// Gets the maximum number of words that get their own vector, at least 0. The most frequent words are chosen. The default is 100,000.
    /// </summary>
    public int MaxWords { get; init; } = 100_000;

    /// <summary>
    /// Gets the number of buckets that the character n-grams of all other words are hashed into. If it is 0, those words are ignored. The
    /// default is 16,384.
    /// </summary>
    public int Buckets { get; init; } = 16_384;

    /// <summary>
    /// Gets the number of characters of the shortest n-grams, at least 1. The marks &lt; and &gt; around a word are included. The default
    /// is 3.
    /// </summary>
    public int MinNgramLength { get; init; } = 3;

    /// <summary>
    /// Gets the number of characters of the longest n-grams, from <see cref="MinNgramLength"/> to 64. The default is 6.
    /// </summary>
    public int MaxNgramLength { get; init; } = 6;

    /// <summary>Gets a value indicating whether texts are converted to lower case. The default is <see langword="true"/>.</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>Gets the seed of the random vectors. The default is 0.</summary>
    public int Seed { get; init; }

    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(StaticEncoderOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (Dimensions < 1)
        {
            yield return $"{nameof(Dimensions)} is {Dimensions}; choose 1 or more.";
        }
        if (MinCount < 1)
        {
            yield return $"{nameof(MinCount)} is {MinCount}; choose 1 or more.";
        }
        if (MaxWords < 0)
        {
            yield return $"{nameof(MaxWords)} is {MaxWords}; choose 0 or more.";
        }
        if (Buckets < 0)
        {
            yield return $"{nameof(Buckets)} is {Buckets}; choose 0 or more.";
        }
        if (MinNgramLength < 1 || MaxNgramLength < MinNgramLength || MaxNgramLength > SubwordHashing.MaxLength)
        {
            yield return $"n-grams have {MinNgramLength}..{MaxNgramLength} characters; choose a range in 1..{SubwordHashing.MaxLength}.";
        }
        if (Dimensions >= 1 && MaxWords >= 0 && Buckets >= 0 && (1L + MaxWords + Buckets) * Dimensions > Array.MaxLength)
        {
            yield return $"{MaxWords} words and {Buckets} buckets of {Dimensions} values are more than one array holds; choose fewer.";
        }
    }
}
