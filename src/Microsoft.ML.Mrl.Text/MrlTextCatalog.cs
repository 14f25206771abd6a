using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text;

namespace Microsoft.ML;

/// <summary>Provides text embeddings in ML.NET's catalog of transforms.</summary>
public static class MrlTextCatalog
{
    /// <summary>Creates an estimator that turns a text column into embeddings.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to create, <c>[D]</c>. <c>TruncateEmbedding</c> cuts it.</param>
    /// <param name="inputColumnName">The text column. The default, <see langword="null"/>, is the output column's name.</param>
    /// <param name="encoder">The encoder, as <see cref="TextEncoder.Load"/>, <see cref="StaticTextEncoder.LoadWordVectors"/> or
    /// <see cref="EncodeTextTransformer.Encoder"/> give it.</param>
    /// <param name="prompt">
    /// The name of one of the encoder's prompts (<see cref="TextEncoder.Prompts"/>), which is put before every text, such as <c>query</c>;
    /// <see langword="null"/> for the encoder's default prompt.
    /// </param>
    /// <remarks>
    /// Fitting reads no row. It throws <see cref="ArgumentOutOfRangeException"/> if the column is missing or is not text. The step cannot
    /// be exported to ONNX; <see cref="TextEncoder.ExportToOnnx"/> exports the encoder.
    /// </remarks>
    /// <exception cref="ArgumentNullException">The encoder, or the output's name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The encoder has no such prompt.</exception>
    public static IEstimator<EncodeTextTransformer> EncodeText(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, TextEncoder encoder, string? prompt = null) =>
        new EncodeTextEstimator(CatalogUtils.GetEnvironment(catalog), [(outputColumnName, inputColumnName ?? outputColumnName)], encoder,
            prompt);

    /// <summary>Creates an estimator that turns several text columns, such as query and document, into embeddings.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="columns">The output and input columns.</param>
    /// <param name="encoder">The encoder.</param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="columns"/> or <paramref name="encoder"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="ArgumentException">There are no columns.</exception>
    public static IEstimator<EncodeTextTransformer> EncodeText(
        this TransformsCatalog catalog, InputOutputColumnPair[] columns, TextEncoder encoder) =>
        new EncodeTextEstimator(CatalogUtils.GetEnvironment(catalog), ColumnPairs.From(columns), encoder);
}
