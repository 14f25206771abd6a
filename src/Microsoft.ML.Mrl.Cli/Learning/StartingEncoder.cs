using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>Represents the text encoder that a training starts from, as <c>--encoder</c> names it.</summary>
/// <param name="Name">The name of a known encoder, a folder, a file, or <see cref="FromNothing"/>.</param>
internal sealed record StartingEncoder(string Name)
{
    /// <summary>The word for a new static encoder made of the training texts. A folder of that name is written ./static.</summary>
    public const string FromNothing = "static";

    /// <summary>The number of values of a new encoder, unless dimensions are asked for.</summary>
    public const int DefaultWidth = 256;

    private const string Option = "--encoder";

    /// <summary>Gets the encoder of a training on texts for which none is named.</summary>
    public static StartingEncoder Default { get; } = new(KnownEncoder.Default.Name);

    /// <summary>Gets a value indicating whether the encoder is made of the training texts.</summary>
    public bool IsNew => Name == FromNothing;

    /// <summary>Gets how the tokens of an ONNX model become one vector, or <see langword="null"/> for what its folder says.</summary>
    public NamedPooling? Pooling { get; init; }

    /// <summary>Gets what the name stands for.</summary>
    public EncoderSource Source => new(Name) { Pooling = Pooling };

    /// <summary>Gets the name for people: that under which a known encoder was published.</summary>
    public string Title => Source.Known?.Title ?? Name;

    /// <summary>Gets the name for a training configuration, which is a full path for a folder or file.</summary>
    public string Recorded => IsNew || Source.Known is not null ? Name : Source.FullPath;

    /// <summary>Returns the encoder that a training configuration names.</summary>
    /// <param name="recorded">What <see cref="Recorded"/> gave, or a path from the folder of the configuration.</param>
    /// <param name="folder">The folder of the configuration.</param>
    public static StartingEncoder FromRecorded(string recorded, string folder)
    {
        var encoder = new StartingEncoder(recorded);
        return encoder.IsNew || encoder.Source.Known is not null ? encoder : new StartingEncoder(Path.Combine(folder, recorded));
    }

    /// <summary>Makes sure that the encoder is there, and is not where the training writes to.</summary>
    /// <param name="outputFolder">The full path of the folder that the training makes.</param>
    /// <exception cref="CommandException">The encoder is missing, or lies where the training writes to.</exception>
    public void Check(string outputFolder)
    {
        Pooling.Check(IsNew ? null : Source);
        if (IsNew)
        {
            return;
        }
        try
        {
            Source.Check(Option);
        }
        catch (CommandException e)
        {
            throw new CommandException($"{e.Message[..^1]}, or static for a new encoder of the training texts.", e.ExitCode, e);
        }
        if (Source.Known is null && (Source.FullPath + Path.DirectorySeparatorChar).StartsWith(
            outputFolder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new CommandException(
                $"Cannot use {Option} {Name}: it is in '{outputFolder}', which this training replaces. "
                + $"Choose another --name or --output.", ExitCode.Usage);
        }
    }

    /// <summary>Makes or loads the encoder.</summary>
    /// <param name="data">The rows to train on.</param>
    /// <param name="request">The request, which names dimensions and seed, and says whether the encoder is to learn.</param>
    /// <param name="progress">Receives the line that a package is downloaded.</param>
    /// <param name="cancellation">Ends a download.</param>
    /// <exception cref="CommandException">The encoder cannot be loaded.</exception>
    public TextEncoder Make(TrainingData data, TrainRequest request, IJobProgress progress, CancellationToken cancellation)
    {
        if (IsNew)
        {
            return StaticTextEncoder.Create(
                data.Texts, new StaticEncoderOptions { Dimensions = Width(request), Seed = request.Seed });
        }
        TextEncoder encoder = Source.Load(Option, progress, cancellation);
        return request.Tunes == TunedPart.Encoder ? Source.MakeTrainable(encoder) : encoder;
    }

    /// <summary>Returns the number of values of a new encoder.</summary>
    public static int Width(TrainRequest request) => request.Dimensions?.Largest ?? DefaultWidth;
}
