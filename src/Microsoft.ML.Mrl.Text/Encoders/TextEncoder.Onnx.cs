using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders;
using Microsoft.ML.Mrl.Text.Encoders.Onnx;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

namespace Microsoft.ML.Mrl;

public abstract partial class TextEncoder
{
    /// <summary>Loads an encoder from an ONNX graph and a tokenizer.</summary>
    /// <param name="model">The path of the <c>.onnx</c> file. Weights in files beside it are read as well.</param>
    /// <param name="tokenizer">
    /// The path of a <c>tokenizer.json</c>, a <c>vocab.txt</c>, a <c>vocab.json</c> with <c>merges.txt</c> beside it, or a sentencepiece
    /// model; or the folder of a sentence-transformers or Hugging Face model, whose pooling, normalization, prompts and limits are then
    /// used as well.
    /// </param>
    /// <param name="options">
    /// Settings that the files do not have, or that replace those of the files. The default, <see langword="null"/>, takes all settings
    /// from the files.
    /// </param>
    /// <returns>The encoder. The inputs and the output of the graph are found by their names and shapes.</returns>
    /// <exception cref="ArgumentException">A path is empty, or options are invalid or do not match the graph.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or is not of the expected kind.</exception>
    /// <exception cref="NotSupportedException">
    /// The graph is not a text encoder, or the kind of tokenizer or pooling is not supported.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// ONNX Runtime is needed to find the width of the embeddings, but its native library is missing.
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

    /// <summary>Loads an encoder from two streams, such as the resources of an assembly: an ONNX graph and a tokenizer.</summary>
    /// <param name="model">The stream of the <c>.onnx</c> file. It is read to its end and left open.</param>
    /// <param name="tokenizer">
    /// The stream of a <c>tokenizer.json</c>, a <c>vocab.txt</c> or a sentencepiece model. It is read to its end and left open.
    /// </param>
    /// <param name="options">
    /// Settings that the files do not have, or that replace those of the files, or <see langword="null"/> for none.
    /// </param>
    /// <exception cref="ArgumentNullException">A stream is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options are invalid or do not match the graph.</exception>
    /// <exception cref="InvalidDataException">A stream is damaged, or is not of the expected kind.</exception>
    /// <exception cref="NotSupportedException">
    /// The graph is not a text encoder or has its weights in other files, or the kind of tokenizer is not supported.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// ONNX Runtime is needed to find the width of the embeddings, but its native library is missing.
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

    /// <summary>Imports the weights of an ONNX graph that has the architecture of BERT into an encoder that can be trained.</summary>
    /// <param name="model">The path of the <c>.onnx</c> file, in the form that PyTorch exports.</param>
    /// <param name="tokenizer">
    /// The path of the tokenizer or of the folder of the model, as for <see cref="LoadOnnx(string, string, OnnxEncoderOptions?)"/>.
    /// </param>
    /// <param name="options">
    /// Settings that the files do not have, or that replace those of the files. The default, <see langword="null"/>, takes all settings
    /// from the files.
    /// </param>
    /// <returns>The encoder. <see cref="Save"/> writes it as an ordinary sentence-transformers folder.</returns>
    /// <remarks>
    /// The embeddings equal those of the graph except for rounding. Exported graphs do not contain the dropout probability; training uses
    /// 0.1, as BERT does.
    /// </remarks>
    /// <exception cref="ArgumentException">A path is empty, or options are invalid or do not match the graph.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or is not of the expected kind.</exception>
    /// <exception cref="NotSupportedException">The graph does not have the architecture of BERT, or pools its tokens itself.</exception>
    public static TransformerTextEncoder ImportOnnx(string model, string tokenizer, OnnxEncoderOptions? options = null)
    {
        return LoadOnnx(model, tokenizer, options).ToTrainable(model);
    }

    private static byte[] ReadModel(string path)
    {
        if (!File.Exists(path))
        {
            throw Directory.Exists(path)
                ? new FileNotFoundException(
                    $"'{path}' is a folder. Give the path of the .onnx file in it, or load the folder with {nameof(TextEncoder)}." +
                    $"{nameof(Load)}.", path)
                : new FileNotFoundException($"There is no model '{path}'. Give the path of an .onnx file.", path);
        }
        using FileStream stream = File.OpenRead(path);
        return ReadModel(stream, $"'{path}'");
    }

    private static byte[] ReadModel(Stream stream, string what) => BoundedFile.Read(stream, what, int.MaxValue - (1L << 20));

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
