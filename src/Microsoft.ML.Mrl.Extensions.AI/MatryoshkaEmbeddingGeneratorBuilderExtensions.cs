using Microsoft.ML.Mrl;

namespace Microsoft.Extensions.AI;

/// <summary>
/// Provides extension methods that add Matryoshka truncation to an <see cref="EmbeddingGeneratorBuilder{TInput, TEmbedding}"/>.
/// </summary>
public static class MatryoshkaEmbeddingGeneratorBuilderExtensions
{
    /// <summary>
    /// Adds a <see cref="MatryoshkaEmbeddingGenerator"/> that honors <see cref="EmbeddingGenerationOptions.Dimensions"/> by cutting the
    /// vectors and scaling them to unit length. It is meant for models that were trained with Matryoshka losses.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="dimensions">
    /// The number of dimensions for calls that ask for none, or <see langword="null"/>, the default, for all.
    /// </param>
    /// <returns>The builder.</returns>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> UseMatryoshka(
        this EmbeddingGeneratorBuilder<string, Embedding<float>> builder, int? dimensions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(inner => new MatryoshkaEmbeddingGenerator(inner, head: null, dimensions));
    }

    /// <summary>
    /// Adds a <see cref="MatryoshkaEmbeddingGenerator"/> that applies a trained head and honors
    /// <see cref="EmbeddingGenerationOptions.Dimensions"/> by cutting the head's output and scaling it to unit length.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="head">The head, which was trained on the full vectors of the inner generator.</param>
    /// <param name="dimensions">
    /// The number of dimensions for calls that ask for none, or <see langword="null"/>, the default, for all values of the head's output.
    /// </param>
    /// <returns>The builder.</returns>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> UseMatryoshka(
        this EmbeddingGeneratorBuilder<string, Embedding<float>> builder, EmbeddingHead head, int? dimensions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(head);
        return builder.Use(inner => new MatryoshkaEmbeddingGenerator(inner, head, dimensions));
    }
}
