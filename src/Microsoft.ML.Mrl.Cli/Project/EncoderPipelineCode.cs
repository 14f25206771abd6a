using System.Globalization;
using Microsoft.ML.Mrl.Cli.Learning;

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

    private static string FromNothing(ProjectSource source) => string.Create(CultureInfo.InvariantCulture, $$"""
            /// <summary>Makes a new encoder: a random vector for each word that the texts have more than once, and for the pieces of all others.</summary>
            public static TextEncoder StartingEncoder(IDataView data) => StaticTextEncoder.Create(
                new[] { {{string.Join(", ", new[] { source.Learned.Input, source.Learned.Positive, source.Learned.Negative }.OfType<string>().Select(CSharpLiteral.Text))}} }.SelectMany(column => data.GetColumn<string>(column)),
                new StaticEncoderOptions { Dimensions = {{Learning.StartingEncoder.Width(source.Request)}}, Seed = Seed });
        """);

    private static string Loaded(StartingEncoder encoder) => $$"""
            /// <summary>The {{(encoder.IsFolder ? "folder of the encoder" : "file of the word vectors")}} that the training starts from.</summary>
            public static readonly string EncoderPath = {{CSharpLiteral.Text(encoder.FullPath)}};

            /// <summary>The encoder that the training starts from, whatever the data.</summary>
            public static TextEncoder StartingEncoder(IDataView data) => {{(encoder.IsFolder ? "TextEncoder.Load" : "StaticTextEncoder.LoadWordVectors")}}(EncoderPath);
        """;
}
