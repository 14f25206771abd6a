using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Text.Encoders;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>Represents a text encoder as the command line names it.</summary>
/// <param name="Name">The name of a known encoder, a folder, an ONNX file, or a file of word vectors.</param>
internal sealed record EncoderSource(string Name)
{
    /// <summary>The possible names, for messages.</summary>
    public const string Choices =
        "minilm, arctic-xs, the folder of a sentence-transformers, model2vec or Hugging Face model, an .onnx file with its tokenizer "
        + "beside it, a file of word vectors (GloVe or word2vec)";

    private const string OnnxExtension = ".onnx";
    private const string PoolingFile = $"{EncoderConfigs.PoolingFolder}/{EncoderFolder.ConfigFile}";

    /// <summary>Gets how the tokens of an ONNX model become one vector, or <see langword="null"/> for what its folder says.</summary>
    public NamedPooling? Pooling { get; init; }

    /// <summary>Gets the encoder that the tool knows by this name, or <see langword="null"/> for a path.</summary>
    public KnownEncoder? Known => KnownEncoder.Find(Name);

    /// <summary>Gets the full path.</summary>
    public string FullPath => Path.GetFullPath(Name);

    /// <summary>Gets a value indicating whether a folder is named.</summary>
    public bool IsFolder => Known is null && Directory.Exists(FullPath);

    /// <summary>Gets a value indicating whether an ONNX file is named.</summary>
    public bool IsOnnxFile =>
        Known is null && !IsFolder && Path.GetExtension(Name).Equals(OnnxExtension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets the folder of the tokenizer of an ONNX file: that of the file, or else the one above it.</summary>
    public string TokenizerFolder
    {
        get
        {
            string folder = Path.GetDirectoryName(FullPath)!;
            string? above = Path.GetDirectoryName(folder);
            return new[] { folder, above }.OfType<string>()
                .FirstOrDefault(place => TextTokenizerReader.FileNames.Any(name => File.Exists(Path.Combine(place, name)))) ?? folder;
        }
    }

    /// <summary>Checks that the name refers to something that exists.</summary>
    /// <param name="option">The option or argument that names it, for messages.</param>
    /// <exception cref="CommandException">There is no such encoder, folder or file.</exception>
    public void Check(string option)
    {
        if (Name.Trim().Length == 0 || Name.Contains('\0'))
        {
            throw new CommandException($"Cannot use {option} without a name. Give {Choices}.", ExitCode.Usage);
        }
        if (Known is null && !Directory.Exists(FullPath) && !File.Exists(FullPath))
        {
            throw new CommandException(
                $"Cannot use {option} {Name}: there is no such folder or file (looked for {FullPath}). Give {Choices}.");
        }
    }

    /// <summary>Loads the encoder.</summary>
    /// <param name="option">The option or argument that names it, for messages.</param>
    /// <param name="progress">Receives the line that a package is downloaded.</param>
    /// <param name="cancellation">Ends a download.</param>
    /// <exception cref="CommandException">The encoder cannot be loaded.</exception>
    public TextEncoder Load(string option, IJobProgress progress, CancellationToken cancellation)
    {
        try
        {
            return Known is { } known ? known.Load(progress, cancellation)
                : IsFolder ? TextEncoder.Load(FullPath)
                : IsOnnxFile ? TextEncoder.LoadOnnx(FullPath, TokenizerFolder, Pooling.Options())
                : StaticTextEncoder.LoadWordVectors(FullPath);
        }
        catch (Exception e) when (IsAboutTheFile(e))
        {
            string kind = Known is not null || IsFolder || IsOnnxFile ? ""
                : " A file is read as word vectors. Name other models by their folder or their .onnx file.";
            throw new CommandException($"Cannot use {option} {Name}: {Failures.Sentence(e)}{kind}", inner: e);
        }
    }

    /// <summary>
    /// Returns a warning where nothing says how the token vectors of a text become one, or <see langword="null"/> where that is known.
    /// </summary>
    /// <param name="encoder">The encoder that was loaded.</param>
    public string? PoolingWarning(TextEncoder encoder)
    {
        string? folder = Known is not null || Pooling is not null ? null : IsFolder ? FullPath : IsOnnxFile ? TokenizerFolder : null;
        bool isPooledHere = encoder is TransformerTextEncoder
            || (encoder is OnnxTextEncoder { Content.Files: var files } && files.Find(PoolingFile) is not null);
        if (folder is null || !isPooledHere || new[] { EncoderModule.FileName, PoolingFile }.Any(
            file => File.Exists(Path.Combine(folder, file))))
        {
            return null;
        }
        string advice = IsOnnxFile ? "Name another way with --pooling." : "If the model has another way, add these files from it.";
        return $"Nothing says how the token vectors of '{Name}' become one vector (there is no {EncoderModule.FileName} and no "
            + $"{PoolingFile} in '{folder}'), so their mean is taken. {advice}";
    }

    /// <summary>Converts an encoder that is an ONNX model into one that can be trained.</summary>
    /// <exception cref="CommandException">The model does not have the architecture of BERT.</exception>
    public TextEncoder MakeTrainable(TextEncoder encoder)
    {
        try
        {
            return encoder is OnnxTextEncoder onnx ? onnx.ToTrainable(Name) : encoder;
        }
        catch (Exception e) when (IsAboutTheFile(e))
        {
            throw new CommandException(
                $"Cannot fine-tune --encoder {Name}: {Failures.Sentence(e)} Train a head on its vectors instead: --tune head.", inner: e);
        }
    }

    private static bool IsAboutTheFile(Exception e) => e is IOException or InvalidDataException or FormatException
        or NotSupportedException or UnauthorizedAccessException or InvalidOperationException or ArgumentException;
}
