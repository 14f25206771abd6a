using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Friend;

namespace Microsoft.ML;

/// <summary>Provides extension methods that add the training of Matryoshka embeddings to ML.NET's transforms catalog.</summary>
public static partial class MrlTrainingCatalog
{
    /// <summary>Creates an estimator that trains a head on an embedding column, so that the prefixes of the output work alone.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The name of the output column, <c>[D_out]</c>. TruncateEmbedding cuts it.</param>
    /// <param name="inputColumnName">
    /// The name of the embedding column, <c>[D_in]</c>. <see langword="null"/> means the name of the output column.
    /// </param>
    /// <param name="objective">The objective, such as <c>MrlObjective.Classification("Label")</c>.</param>
    /// <param name="dimensions">
    /// The nested prefix lengths. The default, <see langword="null"/>, is the output width and its halves down to 8.
    /// </param>
    /// <exception cref="ArgumentNullException">A name or the objective is <see langword="null"/>.</exception>
    public static MrlFineTuneEstimator MrlFineTune(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, MrlObjective objective,
        MatryoshkaDimensions? dimensions = null) =>
        catalog.MrlFineTune(new MrlFineTuneOptions
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            Objective = objective,
            Dimensions = dimensions,
        });

    /// <summary>Creates an estimator that trains a head on an embedding column, with all options.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="options">The columns, the objective and the settings of the training.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is invalid. The message lists all that are.</exception>
    public static MrlFineTuneEstimator MrlFineTune(this TransformsCatalog catalog, MrlFineTuneOptions options) =>
        new(MrlEnvironment.Of(catalog), options);

    /// <summary>Creates an estimator that fine-tunes a text encoder, so that the prefixes of its embeddings work alone.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The name of the output column, <c>[D_out]</c>. TruncateEmbedding cuts it.</param>
    /// <param name="inputColumnName">The name of the text column. <see langword="null"/> means the name of the output column.</param>
    /// <param name="encoder">
    /// The encoder to start from, for example from <see cref="TextEncoder.Load"/>, <see cref="StaticTextEncoder.LoadWordVectors"/> or
    /// <see cref="StaticTextEncoder.Create"/>. It stays unchanged.
    /// </param>
    /// <param name="objective">The objective. Its positive and negative columns are text.</param>
    /// <param name="dimensions">
    /// The nested prefix lengths. The default, <see langword="null"/>, is the output width and its halves down to 8.
    /// </param>
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

    /// <summary>Creates an estimator that fine-tunes a text encoder, with all options.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="options">The columns, the encoder to start from, the objective and the settings of the training.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/>, or the encoder, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is invalid. The message lists all that are.</exception>
    /// <exception cref="NotSupportedException">The encoder is of a kind that cannot be fine-tuned.</exception>
    public static MrlFineTuneEncoderEstimator MrlFineTuneEncoder(this TransformsCatalog catalog, MrlFineTuneEncoderOptions options) =>
        new(MrlEnvironment.Of(catalog), options);
}
