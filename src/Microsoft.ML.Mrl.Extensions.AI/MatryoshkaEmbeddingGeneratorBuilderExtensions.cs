using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Extensions.AI;

namespace Microsoft.Extensions.AI;

/// <summary>
/// Provides extension methods that add Matryoshka truncation to an <see cref="EmbeddingGeneratorBuilder{TInput, TEmbedding}"/>.
/// </summary>
/// <remarks>
/// <para>
/// The inner generator is always asked for its full vectors, since a head needs all values and a provider may cut without rescaling. A
/// cache inside therefore holds one entry for all dimensions, and a cache outside holds the cut vectors, one entry for each number of
/// dimensions. Telemetry inside reports the provider's call, and outside the cut result. Both orders work.
/// </para>
/// <para>
/// Order, usage, model id, creation times and additional properties are kept. Zeros, NaN and infinities are treated as
/// <see cref="TruncateEmbeddingTransformer"/> documents. The built generator is safe for concurrent use if the inner one is. Its
/// <c>GetService</c> returns the head for the type <see cref="EmbeddingHead"/>.
/// </para>
/// </remarks>
public static class MatryoshkaEmbeddingGeneratorBuilderExtensions
{
    /// <summary>
    /// Adds a step that honors <see cref="EmbeddingGenerationOptions.Dimensions"/> by cutting the vectors and scaling them to unit length.
    /// It is meant for models that were trained with Matryoshka losses.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="dimensions">
    /// The number of dimensions for calls that request none, or <see langword="null"/>, the default, for all.
    /// </param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="dimensions"/> is below 1 or above the number of values that the inner generator names. The exception is thrown when
    /// the generator is built.
    /// </exception>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> UseMatryoshka(
        this EmbeddingGeneratorBuilder<string, Embedding<float>> builder, int? dimensions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(inner => new MatryoshkaEmbeddingGenerator(inner, head: null, dimensions));
    }

    /// <summary>
    /// Adds a step that applies a trained head and honors <see cref="EmbeddingGenerationOptions.Dimensions"/> by cutting the head's output
    /// and scaling it to unit length.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="head">The head, which was trained on the full vectors of the inner generator.</param>
    /// <param name="dimensions">
    /// The number of dimensions for calls that request none, or <see langword="null"/>, the default, for all values of the head's output.
    /// </param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="dimensions"/> is below 1 or above the head's output, or the inner generator names another number of values than the
    /// head's input. The exception is thrown when the generator is built.
    /// </exception>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> UseMatryoshka(
        this EmbeddingGeneratorBuilder<string, Embedding<float>> builder, EmbeddingHead head, int? dimensions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(head);
        return builder.Use(inner => new MatryoshkaEmbeddingGenerator(inner, head, dimensions));
    }
}
