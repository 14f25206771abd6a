using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>The text encoder that a training starts from, as <c>--encoder</c> names it.</summary>
/// <param name="Name">A folder, a file of word vectors, or <see cref="FromNothing"/>.</param>
internal sealed record StartingEncoder(string Name)
{
    /// <summary>The word for a new static encoder made of the training texts. A folder of that name is written ./static.</summary>
    public const string FromNothing = "static";

    /// <summary>The number of values of a new encoder, unless dimensions are asked for.</summary>
    public const int DefaultWidth = 256;

    /// <summary>Gets whether the encoder is made of the training texts.</summary>
    public bool IsNew => Name == FromNothing;

    /// <summary>Gets the full path of the encoder.</summary>
    public string FullPath => Path.GetFullPath(Name);

    /// <summary>Gets whether the encoder is a folder, and not a file of word vectors.</summary>
    public bool IsFolder => !IsNew && Directory.Exists(FullPath);

    /// <summary>Gets the name for a training configuration, which is a full path unless the encoder is new.</summary>
    public string Recorded => IsNew ? Name : FullPath;

    /// <summary>Makes sure that the encoder is there, and is not where the training writes to.</summary>
    /// <param name="outputFolder">The full path of the folder that the training makes.</param>
    /// <exception cref="CommandException">The encoder is missing, or lies where the training writes to.</exception>
    public void Check(string outputFolder)
    {
        if (IsNew)
        {
            return;
        }
        if (Name.Trim().Length == 0 || Name.Contains('\0'))
        {
            throw new CommandException($"Cannot use --encoder without a name. {Choices}", ExitCode.Usage);
        }
        if (!Directory.Exists(FullPath) && !File.Exists(FullPath))
        {
            throw new CommandException($"Cannot use --encoder {Name}: there is no such folder or file (looked for {FullPath}). {Choices}");
        }
        if ((FullPath + Path.DirectorySeparatorChar).StartsWith(outputFolder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new CommandException(
                $"Cannot use --encoder {Name}: it is in '{outputFolder}', which this training replaces. "
                + $"Choose another --name or --output.", ExitCode.Usage);
        }
    }

    /// <summary>Makes or loads the encoder.</summary>
    /// <param name="data">The rows to train on.</param>
    /// <param name="request">The request, which names dimensions and seed.</param>
    /// <exception cref="CommandException">The encoder cannot be loaded.</exception>
    public TextEncoder Make(TrainingData data, TrainRequest request)
    {
        if (IsNew)
        {
            return StaticTextEncoder.Create(Texts(data), new StaticEncoderOptions { Dimensions = Width(request), Seed = request.Seed });
        }
        try
        {
            return IsFolder ? TextEncoder.Load(FullPath) : StaticTextEncoder.LoadWordVectors(FullPath);
        }
        catch (Exception e) when (
            e is IOException or InvalidDataException or FormatException or NotSupportedException or UnauthorizedAccessException)
        {
            string kind = IsFolder ? ""
                : " A file is read as word vectors: in word2vec's binary form if its name ends in .bin, and as text if not. "
                    + "Name other models by their folder.";
            throw new CommandException($"Cannot use --encoder {Name}: {e.Message}{kind}", inner: e);
        }
    }

    /// <summary>Returns the number of values of a new encoder.</summary>
    public static int Width(TrainRequest request) => request.Dimensions?.Largest ?? DefaultWidth;

    private const string Choices =
        "Give the folder of a sentence-transformers, model2vec or Hugging Face model, a file of word vectors (GloVe or word2vec), "
        + "or static for a new encoder of the training texts.";

    private static IEnumerable<string> Texts(TrainingData data)
    {
        IEnumerable<string> texts = data.Training.Select(row => row.Text);
        texts = data.Columns.Positive is null ? texts : texts.Concat(data.Training.Select(row => row.PositiveText));
        return data.Columns.Negative is null ? texts : texts.Concat(data.Training.Select(row => row.NegativeText));
    }
}
