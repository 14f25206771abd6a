using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text;

namespace Microsoft.ML;

/// <summary>
/// Provides extension methods that add text embeddings to ML.NET's transforms catalog, and operations on text encoders to
/// <see cref="MrlOperations"/>.
/// </summary>
public static class MrlTextCatalog
{
    /// <summary>Creates an estimator that turns a text column into embeddings.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The name of the output column, <c>[D]</c>. Cut it with <c>TruncateEmbedding</c>.</param>
    /// <param name="inputColumnName">
    /// The name of the text column. The default, <see langword="null"/>, is the name of the output column.
    /// </param>
    /// <param name="encoder">
    /// The encoder, such as <see cref="TextEncoder.Load"/>, <see cref="StaticTextEncoder.LoadWordVectors"/> or
    /// <see cref="EncodeTextTransformer.Encoder"/> returns it.
    /// </param>
    /// <param name="prompt">
    /// The name of one of the encoder's <see cref="TextEncoder.Prompts"/>, such as <c>query</c>, which is put before every text. The
    /// default, <see langword="null"/>, is the encoder's default prompt.
    /// </param>
    /// <remarks>
    /// Fitting reads no row. It throws <see cref="ArgumentOutOfRangeException"/> if the column is missing or is not text. The step cannot
    /// be exported to ONNX. Use <see cref="TextEncoder.ExportToOnnx"/> to export the encoder.
    /// </remarks>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="encoder"/> or <paramref name="outputColumnName"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="ArgumentException">The encoder has no such prompt.</exception>
    public static IEstimator<EncodeTextTransformer> EncodeText(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, TextEncoder encoder, string? prompt = null) =>
        new EncodeTextEstimator(CatalogUtils.GetEnvironment(catalog), [(outputColumnName, inputColumnName ?? outputColumnName)], encoder,
            prompt);

    /// <summary>Creates an estimator that turns several text columns, such as query and document, into embeddings.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="columns">The names of the output and input columns.</param>
    /// <param name="encoder">The encoder.</param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="columns"/> or <paramref name="encoder"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="ArgumentException">There are no columns.</exception>
    public static IEstimator<EncodeTextTransformer> EncodeText(
        this TransformsCatalog catalog, InputOutputColumnPair[] columns, TextEncoder encoder) =>
        new EncodeTextEstimator(CatalogUtils.GetEnvironment(catalog), ColumnPairs.From(columns), encoder);

    /// <summary>Returns the text encoder that a model applies.</summary>
    /// <param name="operations">The operations, as <see cref="MrlCatalog.Mrl"/> returns them.</param>
    /// <param name="model">A fitted pipeline, or an <see cref="EncodeTextTransformer"/>.</param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="operations"/> or <paramref name="model"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="ArgumentException">The model applies no encoder, or several different ones.</exception>
    public static TextEncoder FindEncoder(this MrlOperations operations, ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(model);
        TextEncoder[] encoders = [.. All(model).DistinctBy(e => e.Fingerprint)];
        return encoders.Length switch
        {
            1 => encoders[0],
            0 => throw new ArgumentException(
                "The model applies no text encoder. Give a model that MrlFineTuneEncoder or EncodeText made.", nameof(model)),
            _ => throw new ArgumentException(
                $"The model applies {encoders.Length} different text encoders " +
                    $"({string.Join(", ", encoders.Select(e => $"{e.Fingerprint}: {e.Dimensions} values"))}). " +
                $"Give the {nameof(EncodeTextTransformer)} that is meant.", nameof(model)),
        };
    }

    private static IEnumerable<TextEncoder> All(ITransformer model) => model switch
    {
        EncodeTextTransformer transformer => [transformer.Encoder],
        IEnumerable<ITransformer> chain => chain.SelectMany(All),
        _ => [],
    };
}
