using Microsoft.ML.Mrl;

namespace Microsoft.Extensions.AI;

/// <summary>Adds Matryoshka truncation to a pipeline of embedding generators.</summary>
public static class MatryoshkaEmbeddingGeneratorBuilderExtensions
{
    /// <summary>Makes embeddings honour <see cref="EmbeddingGenerationOptions.Dimensions"/> by cutting and scaling to unit length. For models that were trained with Matryoshka losses.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="dimensions">The dimensions where a call asks for none; <see langword="null"/> (default) for the full width.</param>
    /// <returns>The builder.</returns>
    /// <remarks>Built generators throw <see cref="ArgumentOutOfRangeException"/> for dimensions that are below 1 or above the width. See <see cref="MatryoshkaEmbeddingGenerator"/> about caches and telemetry.</remarks>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> UseMatryoshka(this EmbeddingGeneratorBuilder<string, Embedding<float>> builder, int? dimensions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(inner => new MatryoshkaEmbeddingGenerator(inner, head: null, dimensions));
    }

    /// <summary>Applies a trained head to all embeddings, then makes them honour <see cref="EmbeddingGenerationOptions.Dimensions"/> by cutting and scaling to unit length.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="head">The head, trained on the full vectors of the inner generator.</param>
    /// <param name="dimensions">The dimensions where a call asks for none; <see langword="null"/> (default) for the head's full output.</param>
    /// <returns>The builder.</returns>
    /// <remarks>Built generators throw <see cref="ArgumentOutOfRangeException"/> for dimensions that are below 1 or above the head's output, and for vectors that are not as wide as its input.</remarks>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> UseMatryoshka(this EmbeddingGeneratorBuilder<string, Embedding<float>> builder, EmbeddingHead head, int? dimensions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(head);
        return builder.Use(inner => new MatryoshkaEmbeddingGenerator(inner, head, dimensions));
    }
}
