using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text.Encoders.Static;

namespace Microsoft.ML.Mrl;

/// <summary>What <see cref="StaticTextEncoder.Create"/> makes.</summary>
public sealed record StaticEncoderOptions
{
    /// <summary>The width D of the embeddings. At least 1. Default 256.</summary>
    public int Dimensions { get; init; } = 256;

    /// <summary>How often a word must occur in the corpus to have a vector of its own. At least 1. Default 2.</summary>
    public int MinCount { get; init; } = 2;

    /// <summary>The most words that have a vector, those that occur most often. 0 or more. Default 100,000.</summary>
    public int MaxWords { get; init; } = 100_000;

    /// <summary>The buckets that the character n-grams of all other words are hashed into. Default 16,384; 0: those words are passed
    /// over.</summary>
    public int Buckets { get; init; } = 16_384;

    /// <summary>The characters of the shortest n-grams, the marks &lt; and &gt; around a word counted. At least 1. Default 3.</summary>
    public int MinNgramLength { get; init; } = 3;

    /// <summary>The characters of the longest n-grams, not fewer than those of the shortest, and at most 64. Default 6.</summary>
    public int MaxNgramLength { get; init; } = 6;

    /// <summary>Whether texts are brought into lower case. Default yes.</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>Draws the vectors. Default 0.</summary>
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
