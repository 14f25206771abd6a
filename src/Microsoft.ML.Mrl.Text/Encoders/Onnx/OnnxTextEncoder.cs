using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Text.Encoders;
using Microsoft.ML.Mrl.Text.Encoders.Onnx;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl;

/// <summary>Represents a text encoder that was exported as an ONNX graph, together with its tokenizer.</summary>
/// <remarks>
/// <para>
/// The graph takes token ids <c>[N, T]</c>. It may also take an attention mask, token types (all 0), positions, and empty caches of keys
/// and values. It returns token vectors <c>[N, T, H]</c>, which are then pooled, or one vector for each text, <c>[N, D]</c>.
/// </para>
/// <para>
/// The encoder runs with ONNX Runtime. The application has to reference its native library (the package Microsoft.ML.OnnxRuntime). Such an
/// encoder cannot be trained, but <see cref="TextEncoder.ImportOnnx(string, string, OnnxEncoderOptions?)"/> makes a trainable encoder from
/// a graph that has the architecture of BERT. This type is immutable and safe for concurrent use.
/// </para>
/// </remarks>
public sealed class OnnxTextEncoder : TextEncoder
{
    internal const string KindName = "onnx";

    private readonly Lazy<OnnxEncoderSession> _session;
    private readonly Lazy<TokenBatcher> _batcher;

    internal OnnxTextEncoder(OnnxEncoderContent content)
        : base(content.Width, content.Dimensions, content.TrainedDimensions?.UpTo(content.Width), training: null)
    {
        Content = content;
        content.Prompts.CheckDefault();
        OnnxEncoderInputs inputs = OnnxEncoderInputs.Find(
            OnnxEncoderGraph.Parse(content.Model, content.Files.Source).Graph, content.Files.Source);
        _session = new Lazy<OnnxEncoderSession>(
            () => new OnnxEncoderSession(content.Model, inputs, content.FirstPosition, Tokenizer.PadId));
        _batcher = new Lazy<TokenBatcher>(
            () => new TokenBatcher(Tokenize, Embed, Tokenizer.PadId, Dimensions, mixesLengths: inputs.Mask is not null));
    }

    /// <inheritdoc/>
    public override bool IsNormalized => Content.IsNormalized && Dimensions == FullDimensions;

    /// <summary>Gets the maximum number of tokens of a text, including special tokens. Longer texts are cut.</summary>
    public int MaxLength => Content.MaxLength;

    /// <summary>Gets the tokenizer.</summary>
    public TextTokenizer Tokenizer => Content.Tokenizer;

    internal override string Kind => KindName;

    internal override TextTokenizer TokensOf => Tokenizer;

    internal override void EncodeTokens(int[][] rows, Span<float> embeddings, CancellationToken cancellationToken) =>
        _batcher.Value.Encode(rows, embeddings, cancellationToken);

    internal override EncoderPrompts PromptTexts => Content.Prompts;

    internal OnnxEncoderContent Content { get; }

    internal override void WriteContent(BinaryWriter writer) => Content.Write(writer);

    /// <summary>Makes an encoder of the weights in the graph, which can be trained.</summary>
    /// <param name="source">The name of the graph, for messages.</param>
    /// <exception cref="NotSupportedException">The graph does not have the architecture of BERT, or pools its tokens itself.</exception>
    /// <exception cref="InvalidDataException">A weight is damaged.</exception>
    internal TransformerTextEncoder ToTrainable(string source) =>
        OnnxImporter.Import(OnnxEncoderGraph.Parse(Content.Model, source), source, this);

    internal static OnnxTextEncoder ReadContent(BinaryReader reader) => new(OnnxEncoderContent.Read(reader));

    private protected override void EncodeTexts(
        IReadOnlyList<string> texts, string prompt, Span<float> embeddings, CancellationToken cancellationToken) =>
        _batcher.Value.Encode(texts, prompt, embeddings, cancellationToken);

    private protected override void SaveFiles(string folder) => OnnxEncoderFolder.Write(Content, folder);

    private protected override TextEncoder Cut(int dimensions) => new OnnxTextEncoder(Content.CutTo(dimensions));

    private protected override ModelProto MakeOnnx()
    {
        ModelProto model = OnnxEncoderGraph.Parse(Content.Model, Content.Files.Source);
        if (Dimensions < FullDimensions)
        {
            OnnxEncoderGraph.Cut(model, Content.Files.Source, Dimensions);
        }
        return model;
    }

    private protected override void SaveBesideOnnx(string folder) => Content.Files.Write(folder);

    private int[] Tokenize(string text)
    {
        int[] ids = Tokenizer.Encode(text, MaxLength);
        // A graph needs a token at least.
        return ids.Length > 0 ? ids : [Tokenizer.PadId];
    }

    private float[] Embed(TokenBatch batch)
    {
        float[] vectors = _session.Value.Embed(batch);
        return vectors.Length == (long)batch.Rows * FullDimensions
            ? vectors
            : throw new InvalidOperationException(
                $"The encoder gave {vectors.Length} values for {batch.Rows} texts of {FullDimensions} values each. Is it the graph of " +
                $"another model?");
    }
}
