using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders;
using Microsoft.ML.Mrl.Text.Encoders.Onnx;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

namespace Microsoft.ML.Mrl;

public abstract partial class TextEncoder
{
    /// <summary>Loads an encoder that is an ONNX graph and a tokenizer.</summary>
    /// <param name="model">The <c>.onnx</c> file; weights in files beside it are found.</param>
    /// <param name="tokenizer">
    /// A <c>tokenizer.json</c>, <c>vocab.txt</c>, <c>vocab.json</c> with <c>merges.txt</c> beside it, or sentencepiece model; or the folder
    /// of a sentence-transformers or Hugging Face model, whose pooling, unit length, prompts and limits are then taken as well.
    /// </param>
    /// <param name="options">The settings that the files do not have, or that replace theirs.</param>
    /// <returns>The encoder. Its inputs and its output are found by their names and shapes.</returns>
    /// <exception cref="ArgumentException">A path is empty, or options are invalid or do not fit the graph.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or is not what it should be.</exception>
    /// <exception cref="NotSupportedException">
    /// The graph is no text encoder, or the tokenizer or the pooling is of a kind that is not known.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// ONNX Runtime is needed to find the width of the embeddings, and is not there.
    /// </exception>
    // Overloads differ in the types of their first parameters: no call becomes another one.
#pragma warning disable RS0027
    public static OnnxTextEncoder LoadOnnx(string model, string tokenizer, OnnxEncoderOptions? options = null)
#pragma warning restore RS0027
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentException.ThrowIfNullOrEmpty(tokenizer);
        options ??= new OnnxEncoderOptions();
        options.Check(nameof(options));
        return OnnxEncoderFolder.Make(ReadModel(model), model, FolderOf(model), TextTokenizerReader.Files(tokenizer), options);
    }

    /// <summary>Loads an encoder that is an ONNX graph and a tokenizer from streams, such as the resources of an assembly.</summary>
    /// <param name="model">The <c>.onnx</c> file; it is read to its end and left open.</param>
    /// <param name="tokenizer">
    /// A <c>tokenizer.json</c>, <c>vocab.txt</c> or sentencepiece model; it is read to its end and left open.
    /// </param>
    /// <param name="options">The options; <see langword="null"/> for those of a new <see cref="OnnxEncoderOptions"/>.</param>
    /// <exception cref="ArgumentNullException">A stream is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options make no sense or do not fit the graph.</exception>
    /// <exception cref="InvalidDataException">A stream is damaged, or is not what it should be.</exception>
    /// <exception cref="NotSupportedException">
    /// The graph is no text encoder or keeps weights in other files, or the tokenizer is of a kind that is not known.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// ONNX Runtime is needed to find the width of the embeddings, and is not there.
    /// </exception>
    public static OnnxTextEncoder LoadOnnx(Stream model, Stream tokenizer, OnnxEncoderOptions? options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        options ??= new OnnxEncoderOptions();
        options.Check(nameof(options));
        return OnnxEncoderFolder.Make(
            ReadModel(model, "the model's stream"), "the model's stream", folder: null, TextTokenizerReader.Files(tokenizer), options);
    }

    /// <summary>Imports the weights of an ONNX graph with the architecture of BERT into an encoder that can be trained.</summary>
    /// <param name="model">The <c>.onnx</c> file, as PyTorch exports it.</param>
    /// <param name="tokenizer">
    /// The tokenizer's file, or the folder of the model, as <see cref="LoadOnnx(string, string, OnnxEncoderOptions?)"/> takes it.
    /// </param>
    /// <param name="options">The settings that the files do not have, or that replace theirs.</param>
    /// <returns>The encoder. Saved, it is an ordinary folder of sentence-transformers.</returns>
    /// <remarks>
    /// Its embeddings are those of the graph up to rounding. Exported graphs do not contain the dropout probability. In training it is 0.1,
    /// as in BERT.
    /// </remarks>
    /// <exception cref="ArgumentException">A path is empty, or options are invalid or do not fit the graph.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or is not what it should be.</exception>
    /// <exception cref="NotSupportedException">The graph is not in BERT's shape, or pools its tokens itself.</exception>
    public static TransformerTextEncoder ImportOnnx(string model, string tokenizer, OnnxEncoderOptions? options = null)
    {
        OnnxTextEncoder encoder = LoadOnnx(model, tokenizer, options);
        ModelProto graph = OnnxEncoderGraph.Parse(encoder.Content.Model, model);
        return OnnxImporter.Import(graph, model, encoder);
    }

    private static byte[] ReadModel(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return ReadModel(stream, $"'{path}'");
    }

    private static byte[] ReadModel(Stream stream, string what) => ModelFiles.ReadBytes(stream, what, int.MaxValue - (1L << 20));

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;

    /// <summary>Saves the encoder with its ONNX model, both in one step.</summary>
    internal void SaveWithOnnx(string folder) => AtomicFolder.Write(folder, aside =>
    {
        WriteFolder(aside);
        WriteOnnx(aside);
    });

    private void WriteOnnx(string aside)
    {
        ModelProto model = MakeOnnx();
        EncoderOnnx.Name(model, this);
        Directory.CreateDirectory(Path.Combine(aside, EncoderOnnx.Folder));
        OnnxFile.Write(model, Path.Combine(aside, EncoderOnnx.Folder, EncoderOnnx.FileName));
        SaveBesideOnnx(aside);
    }
}
