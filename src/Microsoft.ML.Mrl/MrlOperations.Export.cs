using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Export.Dense;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Reports.Advice;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <content>Export and import of heads.</content>
public sealed partial class MrlOperations
{
    /// <summary>
    /// Writes a head as an ONNX model that also truncates its output and rescales it to unit length. The model maps <c>[N, D_in]</c> to
    /// <c>[N, m]</c> for any N.
    /// </summary>
    /// <param name="head">
    /// The head, as <see cref="MrlTransformer.Head"/>, <see cref="FindHead"/> or <see cref="EmbeddingHead.Load"/> return it.
    /// </param>
    /// <param name="path">The file to write. An existing file is replaced, but only once the new one is complete.</param>
    /// <param name="dimensions">
    /// The prefix length m, 1..D_out. The default, <see langword="null"/>, is the full width D_out. Only the weights that this prefix needs
    /// are written.
    /// </param>
    /// <param name="inputName">The name of the model's input, <c>[N, D_in]</c>. The default is <c>embedding</c>.</param>
    /// <param name="outputName">The name of the model's output, <c>[N, m]</c>. The default is <c>mrl_embedding</c>.</param>
    /// <param name="normalization">What happens after the cut. The default is unit length, as in TruncateEmbedding.</param>
    /// <remarks>
    /// <para>
    /// The model returns the same values as <see cref="MrlTransformer"/> followed by <see cref="TruncateEmbeddingTransformer"/>, also for
    /// zeros, NaN, infinities and extreme magnitudes, except for the rounding of sums in another order. The model uses operator set 17 and
    /// single precision. It holds no date, so the same head always gives the same bytes.
    /// </para>
    /// <para>
    /// Its metadata name its origin: <c>mrl.head_fingerprint</c>, <c>mrl.head_kind</c>, <c>mrl.trained_dimensions</c> (8,16,…),
    /// <c>mrl.dimensions</c> (m), <c>mrl.full_dimensions</c>, <c>mrl.input_dimensions</c>, <c>mrl.normalization</c> and, for a head that
    /// was trained, <c>mrl.training.*</c>. ML.NET runs it with ApplyOnnxModel, whose column then is <c>[1, m]</c>.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="head"/> or <paramref name="path"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="dimensions"/> is not in 1..D_out, or the normalization is not known.
    /// </exception>
    /// <exception cref="ArgumentException">A name is empty, or both names are equal.</exception>
    /// <exception cref="InvalidOperationException">The weights do not fit into one ONNX file, which holds at most 2 GiB.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void ExportToOnnx(
        EmbeddingHead head,
        string path,
        int? dimensions = null,
        string inputName = "embedding",
        string outputName = "mrl_embedding",
        EmbeddingNormalization normalization = EmbeddingNormalization.UnitLength)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputName);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputName);
        if (inputName == outputName)
        {
            throw new ArgumentException($"The input and the output are both named '{inputName}'. Give two names.", nameof(outputName));
        }
        if (!Enum.IsDefined(normalization))
        {
            throw new ArgumentOutOfRangeException(
                nameof(normalization),
                normalization,
                $"Normalization {normalization} is not known. Choose {string.Join(" or ", Enum.GetNames<EmbeddingNormalization>())}.");
        }
        OnnxFile.Write(OnnxExporter.Make(head, CheckedDimensions(head, dimensions), inputName, outputName, normalization), path);
    }

    /// <summary>
    /// Writes the head that a model applies as an ONNX model, as
    /// <see cref="ExportToOnnx(EmbeddingHead, string, int?, string, string, EmbeddingNormalization)"/> does. Only the head is written:
    /// other steps of the model, a TruncateEmbedding among them, are ignored.
    /// </summary>
    /// <param name="model">A fitted pipeline, or a <see cref="MrlTransformer"/>.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="dimensions">The prefix length m, 1..D_out. The default, <see langword="null"/>, is the full width D_out.</param>
    /// <param name="inputName">The name of the ONNX model's input, <c>[N, D_in]</c>. The default is <c>embedding</c>.</param>
    /// <param name="outputName">The name of the ONNX model's output, <c>[N, m]</c>. The default is <c>mrl_embedding</c>.</param>
    /// <param name="normalization">What happens after the cut. The default is unit length, as in TruncateEmbedding.</param>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> or <paramref name="path"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The model applies no head or several, a name is empty, or both names are equal.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="dimensions"/> is not in 1..D_out, or the normalization is not known.
    /// </exception>
    /// <exception cref="InvalidOperationException">The weights do not fit into one ONNX file, which holds at most 2 GiB.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void ExportToOnnx(
        ITransformer model,
        string path,
        int? dimensions = null,
        string inputName = "embedding",
        string outputName = "mrl_embedding",
        EmbeddingNormalization normalization = EmbeddingNormalization.UnitLength)
        => ExportToOnnx(FindHead(model), path, dimensions, inputName, outputName, normalization);

    /// <summary>Writes an encoder's ONNX model and a head behind it as one model.</summary>
    /// <param name="encoderPath">
    /// The encoder, an .onnx file of operator set 11 or later. It is not changed unless <paramref name="outputPath"/> is the same file.
    /// </param>
    /// <param name="head">The head, trained on this encoder's vectors.</param>
    /// <param name="outputPath">
    /// The file to write. An existing file is replaced, but only once the new one is complete. An encoder with weights in side files
    /// (external data) must be written into the folder it is in, where the new model finds them too.
    /// </param>
    /// <param name="dimensions">The prefix length m, 1..D_out. The default, <see langword="null"/>, is the full width D_out.</param>
    /// <param name="options">
    /// The encoder's output, pooling, names and rescaling. The default is a new <see cref="OnnxAppendOptions"/>.
    /// </param>
    /// <remarks>
    /// <para>
    /// The encoder's inputs, operator sets, functions and metadata stay as they are, and so do its outputs named in
    /// <see cref="OnnxAppendOptions.KeptOutputs"/>; the others are no longer outputs. Nodes are written in the form of the encoder's own
    /// operator set. Names that are new never clash with the encoder's. Vectors of half, bfloat16 or double precision are turned into
    /// single. Metadata are added as in <see cref="ExportToOnnx(EmbeddingHead, string, int?, string, string, EmbeddingNormalization)"/>.
    /// </para>
    /// <para>
    /// The head's width is compared with that of the encoder's output where the model states one; where it does not, the runtime finds a
    /// mismatch.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">
    /// The encoder has no such output or input, its output's shape does not fit the pooling, its width is not the head's, or an option is
    /// invalid.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is not in 1..D_out.</exception>
    /// <exception cref="InvalidDataException">The encoder is not an ONNX model, or is damaged.</exception>
    /// <exception cref="NotSupportedException">The encoder's operator set is older than 11.</exception>
    /// <exception cref="InvalidOperationException">
    /// The model does not fit into the 2 GiB of one ONNX file, or its side files are in another folder.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public void AppendToOnnx(
        string encoderPath, EmbeddingHead head, string outputPath, int? dimensions = null, OnnxAppendOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(encoderPath);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentException.ThrowIfNullOrEmpty(outputPath);
        options ??= new OnnxAppendOptions();
        options.Check();
        int width = CheckedDimensions(head, dimensions);
        OnnxFile.CheckSize(new FileInfo(encoderPath) is { Exists: true } file ? file.Length : 0, OnnxHead.WeightBytes(head, width));
        ModelProto model = OnnxFile.Read(encoderPath);
        OnnxSideFiles.Check(model, encoderPath, outputPath);
        OnnxAppender.Append(model, head, width, options);
        OnnxFile.Write(model, outputPath);
    }

    /// <summary>
    /// Reads a linear head from a sentence-transformers <c>Dense</c> folder: <c>config.json</c> and <c>model.safetensors</c>.
    /// </summary>
    /// <param name="folder">The Dense folder, such as <c>my-model/2_Dense</c>.</param>
    /// <param name="trainedDimensions">
    /// The prefix lengths that were trained. The default, <see langword="null"/>, is those that <see cref="ExportDense"/> wrote, or else
    /// only the full width, since such a folder does not store them.
    /// </param>
    /// <remarks>
    /// Weights may be F32, F16, BF16 or F64; they become single precision. Pickles (<c>pytorch_model.bin</c>) are never read. The head's
    /// vectors are not rescaled, as Dense's are not.
    /// </remarks>
    /// <returns>The head x Wᵀ + b, with W and b as in the folder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="folder"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A trained dimension is above the width.</exception>
    /// <exception cref="NotSupportedException">
    /// The layer has an activation other than Identity or works on another value than the sentence's vector, or its weights are only there
    /// as a pickle.
    /// </exception>
    /// <exception cref="InvalidDataException"><c>config.json</c> is not that of a Dense layer, or is damaged.</exception>
    /// <exception cref="FormatException"><c>model.safetensors</c> is damaged, or does not fit <c>config.json</c>.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
#pragma warning disable CA1822 // An operation like its neighbours, which need the instance.
    public LinearHead ImportDense(string folder, MatryoshkaDimensions? trainedDimensions = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return DenseFolder.Read(folder, trainedDimensions);
    }

    /// <summary>
    /// Writes a head as a sentence-transformers <c>Dense</c> folder (<c>config.json</c> and <c>model.safetensors</c>), with activation
    /// Identity.
    /// </summary>
    /// <param name="head">A linear or orthogonal head. A residual head is not a single layer and is refused.</param>
    /// <param name="folder">The folder to write, which is created if it does not exist. Files of the same names in it are replaced.</param>
    /// <param name="dimensions">The prefix length m, 1..D_out. The default, <see langword="null"/>, is the full width D_out.</param>
    /// <remarks>
    /// The folder is put in its place in one step, so that its two files are always of one head. The vectors are not rescaled: add a
    /// <c>Normalize</c> module behind it. The trained dimensions are kept in the safetensors file's
    /// metadata, so that a head comes back from <see cref="ImportDense"/> with the same fingerprint if it is linear and exported at its
    /// full width.
    /// </remarks>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is not in 1..D_out.</exception>
    /// <exception cref="NotSupportedException">The head is neither linear nor orthogonal.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void ExportDense(EmbeddingHead head, string folder, int? dimensions = null)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        DenseFolder.Write(head, folder, CheckedDimensions(head, dimensions));
    }

    /// <summary>Returns the head that a model applies.</summary>
    /// <param name="model">A fitted pipeline, or a <see cref="MrlTransformer"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The model applies no head, or several different ones.</exception>
    public EmbeddingHead FindHead(ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return ExportedHead.In(model);
    }

#pragma warning restore CA1822

    private int CheckedDimensions(EmbeddingHead head, int? dimensions)
    {
        int width = ExportedHead.Dimensions(head, dimensions);
        if (width < head.TrainedDimensions.Smallest)
        {
            using IChannel channel = Environment.Start("Export");
            channel.Warning(
                "The head is exported at {0}, below its smallest trained dimension {1} (trained: {2}). " +
                "Expect poor quality, or train again with a smaller dimension.",
                width, head.TrainedDimensions.Smallest, head.TrainedDimensions);
        }
        return width;
    }
}
