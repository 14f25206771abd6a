using Microsoft.ML.Mrl.Text.Encoders;
using Microsoft.ML.Mrl.Export.Onnx;
namespace Microsoft.ML.Mrl.Tests.Transforms.Views;

/// <summary>Gives each text the two values length and 1, and remembers how many texts came together.</summary>
internal sealed class RecordingEncoder() : TextEncoder(2, 2, null, null)
{
    public List<int> Calls { get; } = [];

    public override bool IsNormalized => false;

    internal override string Kind => "recording";

    internal override void WriteContent(BinaryWriter writer)
    {
    }

    internal override EncoderPrompts PromptTexts => EncoderPrompts.None;

    private protected override void EncodeTexts(
        IReadOnlyList<string> texts, string prompt, Span<float> embeddings, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Calls.Add(texts.Count);
        for (int i = 0; i < texts.Count; i++)
        {
            embeddings[2 * i] = texts[i].Length;
            embeddings[2 * i + 1] = 1;
        }
    }

    private protected override void SaveFiles(string folder) => throw new NotSupportedException();

    private protected override TextEncoder Cut(int dimensions) => throw new NotSupportedException();

    private protected override ModelProto MakeOnnx() => throw new NotSupportedException();

    private protected override void SaveBesideOnnx(string folder) => throw new NotSupportedException();
}
