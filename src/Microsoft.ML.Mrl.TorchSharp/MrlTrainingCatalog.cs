using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Friend;

namespace Microsoft.ML;

/// <summary>Training of Matryoshka embeddings in ML.NET's transforms catalog.</summary>
public static partial class MrlTrainingCatalog
{
    /// <summary>Trains a linear map of an embedding column so that the prefixes of its output work alone.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to make, <c>[D_out]</c>; cut it with TruncateEmbedding.</param>
    /// <param name="inputColumnName">The embedding column <c>[D_in]</c>; <see langword="null"/> for the same name.</param>
    /// <param name="objective">What to train for, such as <c>MrlObjective.Classification("Label")</c>.</param>
    /// <param name="dimensions">The nested prefix lengths; <see langword="null"/> for the output width and its halves down to 8.</param>
    /// <exception cref="ArgumentNullException">A name or the objective is <see langword="null"/>.</exception>
    public static MrlFineTuneEstimator MrlFineTune(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, MrlObjective objective, MatryoshkaDimensions? dimensions = null) =>
        catalog.MrlFineTune(new MrlFineTuneOptions
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            Objective = objective,
            Dimensions = dimensions,
        });

    /// <summary>Trains a linear map of an embedding column, with all options.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="options">What to train, and how.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options do not make sense; the message lists every one.</exception>
    public static MrlFineTuneEstimator MrlFineTune(this TransformsCatalog catalog, MrlFineTuneOptions options) =>
        new(MrlEnvironment.Of(catalog), options);

    /// <summary>Fine-tunes a text encoder itself so that the prefixes of its embeddings work alone.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to make, <c>[D_out]</c>; cut it with TruncateEmbedding.</param>
    /// <param name="inputColumnName">The text column; <see langword="null"/> for the same name.</param>
    /// <param name="encoder">
    /// The encoder to start from, such as <see cref="TextEncoder.Load"/>, <see cref="StaticTextEncoder.LoadWordVectors"/> or
    /// <see cref="StaticTextEncoder.Create"/> give it. It is not changed.
    /// </param>
    /// <param name="objective">What to train for. Its positive and negative columns are text.</param>
    /// <param name="dimensions">The nested prefix lengths; <see langword="null"/> for the output width and its halves down to 8.</param>
    /// <exception cref="ArgumentNullException">A name, the encoder or the objective is <see langword="null"/>.</exception>
    /// <exception cref="NotSupportedException">The encoder is of a kind that cannot be fine-tuned.</exception>
    public static MrlFineTuneEncoderEstimator MrlFineTuneEncoder(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, TextEncoder encoder, MrlObjective objective,
        MatryoshkaDimensions? dimensions = null) =>
        catalog.MrlFineTuneEncoder(new MrlFineTuneEncoderOptions
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            Encoder = encoder,
            Objective = objective,
            Dimensions = dimensions,
        });

    /// <summary>Fine-tunes a text encoder itself, with all options.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="options">What to train, and how, and the encoder to start from.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/>, or the encoder, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options do not make sense; the message lists every one.</exception>
    /// <exception cref="NotSupportedException">The encoder is of a kind that cannot be fine-tuned.</exception>
    public static MrlFineTuneEncoderEstimator MrlFineTuneEncoder(this TransformsCatalog catalog, MrlFineTuneEncoderOptions options) =>
        new(MrlEnvironment.Of(catalog), options);
}
