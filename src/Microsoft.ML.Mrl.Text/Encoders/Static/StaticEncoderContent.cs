using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>Represents the content of a static encoder.</summary>
internal sealed record StaticEncoderContent
{
    /// <summary>Gets the bytes of its <c>tokenizer.json</c>.</summary>
    public required byte[] TokenizerJson { get; init; }

    /// <summary>Gets the name of the tokenizer's file in messages.</summary>
    public string TokenizerSource { get; init; } = TokenizerFile.Name;

    /// <summary>Gets the width D of the table.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Gets how many of an embedding's first values are given, after unit length, or null for all.</summary>
    public int? TruncateDimensions { get; init; }

    /// <summary>Gets the width of the embeddings before the cut.</summary>
    public int FullWidth => Steps.OfType<DenseStep>().LastOrDefault()?.Outputs ?? Dimensions;

    /// <summary>Gets the width of the embeddings.</summary>
    public int Width => TruncateDimensions ?? FullWidth;

    /// <summary>Gets the rows of tokens and then those of buckets, <c>[R + B, D]</c>.</summary>
    public required float[] Table { get; init; }

    /// <summary>Gets the weight of the row of each token, by id, or null if all weights are 1.</summary>
    public float[]? TokenWeights { get; init; }

    /// <summary>Gets the row of each token, by id, or null if it is the id.</summary>
    public int[]? Mapping { get; init; }

    /// <summary>Gets how unknown words find their buckets, or null if there are none.</summary>
    public SubwordHashing? Subwords { get; init; }

    /// <summary>Gets a value indicating whether unknown words are ignored (or hashed) and not counted by the row of their token.</summary>
    public required bool SkipsUnknown { get; init; }

    /// <summary>Gets the steps that are applied to the mean of a text's rows, before the vector is rescaled to unit length.</summary>
    public IReadOnlyList<SentenceStep> Steps { get; init; } = [];

    /// <summary>Gets a value indicating whether embeddings are rescaled to unit length.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>Gets the prefix lengths that the whole table was trained at, also those that are cut off.</summary>
    public MatryoshkaDimensions? TrainedDimensions { get; init; }

    public TrainingSummary? Training { get; init; }

    /// <summary>Gets the prompts that can be put before texts.</summary>
    public EncoderPrompts Prompts { get; init; } = EncoderPrompts.None;

    /// <summary>Gets how sentence-transformers is to compare embeddings.</summary>
    public string Similarity { get; init; } = "cosine";

    /// <summary>Gets the number R of rows of tokens in the table.</summary>
    public int TokenRows => Table.Length / Dimensions - (Subwords?.Buckets ?? 0);

    /// <summary>Returns the first values of the first rows, or the table itself if these are all of its values.</summary>
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

    /// <summary>
    /// Returns the encoder with a table that is as narrow as its embeddings; where they have unit length, they have it after the cut. The
    /// same one where nothing is cut.
    /// </summary>
    public StaticEncoderContent WithoutRest() => TruncateDimensions is not { } width ? this : this with
    {
        Dimensions = width,
        TruncateDimensions = null,
        Table = FirstValues(Table.Length / Dimensions, width),
        TrainedDimensions = TrainedDimensions?.UpTo(width),
    };
}
