using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>All that makes a static encoder what it is.</summary>
internal sealed record StaticEncoderContent
{
    /// <summary>The bytes of its <c>tokenizer.json</c>.</summary>
    public required byte[] TokenizerJson { get; init; }

    /// <summary>Where those bytes come from, for messages.</summary>
    public string TokenizerSource { get; init; } = TokenizerFile.Name;

    /// <summary>The width D of the table.</summary>
    public required int Dimensions { get; init; }

    /// <summary>How many of an embedding's first values are given, after unit length; null for all.</summary>
    public int? TruncateDimensions { get; init; }

    /// <summary>The width of the embeddings before the cut.</summary>
    public int FullWidth => Steps.OfType<DenseStep>().LastOrDefault()?.Outputs ?? Dimensions;

    /// <summary>The width of the embeddings.</summary>
    public int Width => TruncateDimensions ?? FullWidth;

    /// <summary>The rows of tokens and then those of buckets, <c>[R + B, D]</c>.</summary>
    public required float[] Table { get; init; }

    /// <summary>What the row of each token is multiplied with, by id; null for 1 each.</summary>
    public float[]? TokenWeights { get; init; }

    /// <summary>The row of each token, by id; null where it is the id.</summary>
    public int[]? Mapping { get; init; }

    /// <summary>How unknown words find their buckets; null where there are none.</summary>
    public SubwordHashing? Subwords { get; init; }

    /// <summary>Whether unknown words are passed over (or hashed) and not counted by the row of their token.</summary>
    public required bool SkipsUnknown { get; init; }

    /// <summary>What happens to the mean of a text's rows, before unit length, which comes last where there is any.</summary>
    public IReadOnlyList<SentenceStep> Steps { get; init; } = [];

    /// <summary>Whether embeddings are rescaled to unit length.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>The prefix lengths that the whole table was trained at, also those that are cut off.</summary>
    public MatryoshkaDimensions? TrainedDimensions { get; init; }

    public TrainingSummary? Training { get; init; }

    /// <summary>What may be put before texts.</summary>
    public EncoderPrompts Prompts { get; init; } = EncoderPrompts.None;

    /// <summary>How sentence-transformers is to compare embeddings.</summary>
    public string Similarity { get; init; } = "cosine";

    /// <summary>The rows of the table that are of tokens, R.</summary>
    public int TokenRows => Table.Length / Dimensions - (Subwords?.Buckets ?? 0);

    /// <summary>The first values of the first rows; the table itself where those are all.</summary>
    public float[] FirstValues(int rows, int width)
    {
        if ((long)rows * width == Table.Length)
        {
            return Table;
        }
        var values = new float[(long)rows * width];
        for (int row = 0; row < rows; row++)
        {
            Table.AsSpan(row * Dimensions, width).CopyTo(values.AsSpan(row * width));
        }
        return values;
    }

    /// <summary>The encoder with a table that is as narrow as its embeddings; where they have unit length, they have it after the cut. The
    /// same one where nothing is cut.</summary>
    public StaticEncoderContent WithoutRest() => TruncateDimensions is not { } width ? this : this with
    {
        Dimensions = width,
        TruncateDimensions = null,
        Table = FirstValues(Table.Length / Dimensions, width),
        TrainedDimensions = TrainedDimensions?.UpTo(width),
    };
}
