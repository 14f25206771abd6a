namespace Microsoft.ML.Mrl;

/// <summary>All that makes a static encoder what it is.</summary>
internal sealed record StaticEncoderContent
{
    /// <summary>The bytes of its <c>tokenizer.json</c>.</summary>
    public required byte[] TokenizerJson { get; init; }

    /// <summary>Where those bytes come from, for messages.</summary>
    public string TokenizerSource { get; init; } = TokenizerFile.Name;

    /// <summary>The width D.</summary>
    public required int Dimensions { get; init; }

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

    /// <summary>Whether embeddings are rescaled to unit length.</summary>
    public bool IsNormalized { get; init; }

    public MatryoshkaDimensions? TrainedDimensions { get; init; }

    public TrainingSummary? Training { get; init; }

    /// <summary>The rows of the table that are of tokens, R.</summary>
    public int TokenRows => Table.Length / Dimensions - (Subwords?.Buckets ?? 0);
}
