using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Heads;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Onnx;

/// <summary>Represents the content of an encoder that is an ONNX graph. This type is immutable.</summary>
internal sealed record OnnxEncoderContent
{
    /// <summary>The rows that no table of positions has.</summary>
    public const int PositionsEnd = 1 << 20;

    /// <summary>Gets the model's bytes; its output <c>sentence_embedding</c> is the embedding, pooled and rescaled.</summary>
    public required byte[] Model { get; init; }

    /// <summary>Gets the tokenizer's files and the settings of a folder.</summary>
    public required ModelFiles Files { get; init; }

    /// <summary>Gets the weights of Dense layers, which the graph holds too, by their folders: Python reads them there.</summary>
    public required IReadOnlyDictionary<string, TensorFile> DenseFiles { get; init; }

    /// <summary>Gets the folder of the transformer among the files.</summary>
    public required string TransformerPath { get; init; }

    /// <summary>Gets the width of the graph's embeddings.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Gets the maximum number of tokens of a text.</summary>
    public required int MaxLength { get; init; }

    /// <summary>Gets the position of a text's first token.</summary>
    public required int FirstPosition { get; init; }

    /// <summary>Gets a value indicating whether the graph's embeddings have unit length.</summary>
    public required bool IsNormalized { get; init; }

    public required TextTokenizer Tokenizer { get; init; }

    /// <summary>Gets the prefix lengths that the encoder was trained at, also those that are cut off.</summary>
    public MatryoshkaDimensions? TrainedDimensions { get; init; }

    public EncoderPrompts Prompts => EncoderPrompts.Read(Settings, IncludesPrompt);

    /// <summary>Gets the width of the embeddings.</summary>
    public int Width => Math.Min(Settings?.FindCount("truncate_dim") ?? int.MaxValue, Dimensions);

    /// <summary>Gets a value indicating whether a file says that texts are converted to lower case first.</summary>
    public bool LowerCase => SentenceConfig.Lowers(Files, TransformerPath);

    private bool IncludesPrompt => Files.Find(EncoderModule.FileName) is not { } modules
        || EncoderModule.ReadAll(EncoderModule.FileName, modules).FirstOrDefault(module => module.Type == "Pooling") is not { } pooling
        || (Files.FindJson(SentenceModules.Join(pooling.Path, EncoderFolder.ConfigFile))?.Flag("include_prompt", true) ?? true);

    private ModelJson? Settings => Files.FindJson(EncoderFolder.SentenceConfigFile);

    /// <summary>Returns the same encoder with another width.</summary>
    public OnnxEncoderContent CutTo(int width) => this with { Files = EncoderConfigs.WithCut(Files, width < Dimensions ? width : null) };

    public void Write(BinaryWriter writer)
    {
        writer.Write(TransformerPath);
        writer.Write(Dimensions);
        writer.Write(MaxLength);
        writer.Write(FirstPosition);
        writer.Write(IsNormalized);
        TrainedDimensionsFormat.Write(TrainedDimensions, writer);
        TransformerFormat.WriteFiles(Files, writer);
        TransformerFormat.WriteTensors([.. DenseFiles.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => (f.Key, f.Value))], writer);
        TransformerFormat.WriteBytes(writer, Model);
    }

    public static OnnxEncoderContent Read(BinaryReader reader)
    {
        string path = reader.ReadString();
        int dimensions = ChecksummedFrame.ReadPositive(reader, "encoder's width");
        int maxLength = ChecksummedFrame.ReadPositive(reader, "encoder's longest text");
        int first = reader.ReadInt32();
        bool isNormalized = reader.ReadBoolean();
        MatryoshkaDimensions? trained = TrainedDimensionsFormat.Read(reader, dimensions, "encoder");
        ModelFiles files = TransformerFormat.ReadFiles(reader);
        Dictionary<string, TensorFile> dense = TransformerFormat.ReadTensors(reader);
        return new OnnxEncoderContent
        {
            Model = TransformerFormat.ReadBytes(reader),
            Files = files,
            DenseFiles = dense,
            TransformerPath = path,
            Dimensions = dimensions,
            MaxLength = maxLength,
            FirstPosition = first is >= 0 and <= PositionsEnd
                ? first
                : throw new InvalidDataException($"The encoder's first position is {first}. The file is damaged."),
            IsNormalized = isNormalized,
            TrainedDimensions = trained,
            Tokenizer = TextTokenizerReader.Read(files, path, OnnxEncoderFolder.ModelType(files, path)),
        };
    }
}
