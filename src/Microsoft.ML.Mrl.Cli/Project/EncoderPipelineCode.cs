using System.Globalization;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes the code that fine-tunes a text encoder.</summary>
internal static class EncoderPipelineCode
{
    /// <summary>Returns the methods that train, and the encoder that they start from.</summary>
    public static string Write(ProjectSource source) => $$"""
            /// <summary>Trains on rows.</summary>
            public static ITransformer RetrainModel(MLContext mlContext, IDataView data) => BuildPipeline(mlContext, StartingEncoder(data)).Fit(data);

            /// <summary>Returns the step that fine-tunes an encoder before it is trained.</summary>
            public static IEstimator<ITransformer> BuildPipeline(MLContext mlContext, TextEncoder encoder) => mlContext.Transforms.MrlFineTuneEncoder(Options(encoder));

        {{(source.Request.Encoder!.IsNew ? FromNothing(source) : Loaded(source.Request.Encoder))}}
        """;

    /// <summary>Returns the known encoder that the code loads from its package, or <see langword="null"/> where it loads none.</summary>
    public static KnownEncoder? Package(ProjectSource source) => source.TunesEncoder ? source.Request.Encoder?.Source.Known : null;

    private static string FromNothing(ProjectSource source) => string.Create(CultureInfo.InvariantCulture, $$"""
            /// <summary>Makes a new encoder: a random vector for each word that the texts have more than once, and for the pieces of all others.</summary>
            public static TextEncoder StartingEncoder(IDataView data) => StaticTextEncoder.Create(
                new[] { {{string.Join(", ", new[] { source.Learned.Input, source.Learned.Positive, source.Learned.Negative }.OfType<string>().Select(CSharpLiteral.Text))}} }.SelectMany(column => data.GetColumn<string>(column)),
                new StaticEncoderOptions { Dimensions = {{Learning.StartingEncoder.Width(source.Request)}}, Seed = Seed });
        """);

    private static string Loaded(StartingEncoder encoder)
    {
        if (encoder.Source.Known is { } known)
        {
            return FromPackage(known);
        }
        EncoderSource source = encoder.Source;
        (string what, string call) = source.IsFolder ? ("folder of the encoder", "TextEncoder.Load(EncoderPath)")
            : source.IsOnnxFile
                ? ("ONNX file of the encoder",
                    $"TextEncoder.ImportOnnx(EncoderPath, {CSharpLiteral.Text(source.TokenizerFolder)}{Pooling(source)})")
                : ("file of the word vectors", "StaticTextEncoder.LoadWordVectors(EncoderPath)");
        return $$"""
                /// <summary>The {{what}} that the training starts from.</summary>
                public static readonly string EncoderPath = {{CSharpLiteral.Text(source.FullPath)}};

                /// <summary>The encoder that the training starts from, whatever the data.</summary>
                public static TextEncoder StartingEncoder(IDataView data) => {{call}};
            """;
    }

    private static string Pooling(EncoderSource source) => source.Pooling is { } named
        ? $", new OnnxEncoderOptions {{ Pooling = TokenPooling.{named.Value()} }}"
        : "";

    private static string FromPackage(KnownEncoder known) => string.Create(CultureInfo.InvariantCulture, $$"""
            /// <summary>Takes the encoder that the training starts from, {{known.Title}}, out of its package.</summary>
            public static TextEncoder StartingEncoder(IDataView data)
            {
                DirectoryInfo folder = Directory.CreateTempSubdirectory();
                try
                {
                    Assembly package = Assembly.Load("{{known.PackageId}}");
                    foreach (string file in new[] { "model.onnx", "vocab.txt" })
                    {
                        using Stream resource = package.GetManifestResourceStream("{{known.Resource("")}}" + file)!;
                        using FileStream copy = File.Create(Path.Combine(folder.FullName, file));
                        resource.CopyTo(copy);
                    }
                    var options = new OnnxEncoderOptions { Pooling = TokenPooling.{{known.Options.Pooling}}, Normalize = true, MaxLength = {{known.Options.MaxLength}} };
                    return TextEncoder.ImportOnnx(Path.Combine(folder.FullName, "model.onnx"), Path.Combine(folder.FullName, "vocab.txt"), options);
                }
                finally
                {
                    folder.Delete(recursive: true);
                }
            }
        """);
}
