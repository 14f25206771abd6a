using Google.Protobuf;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Runs an encoder with ONNX Runtime. Safe for concurrent use.</summary>
internal sealed class TransformerSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();

    /// <exception cref="InvalidOperationException">ONNX Runtime's native library is not there, or the model is larger than one ONNX file
    /// can be.</exception>
    public TransformerSession(TransformerModel model)
    {
        byte[] bytes = TransformerOnnx.Make(model).ToByteArray();
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            _session = new InferenceSession(bytes, options);
        }
        catch (Exception e) when (
            e is DllNotFoundException or EntryPointNotFoundException
            or TypeInitializationException { InnerException: DllNotFoundException or EntryPointNotFoundException })
        {
            throw new InvalidOperationException(
                "Cannot run the encoder: the native library of ONNX Runtime is not there, or is older than its managed part. Add the " +
                    "package Microsoft.ML.OnnxRuntime (or Microsoft.ML.OnnxRuntime.Gpu) to the application.", e);
        }
    }

    /// <summary>Computes embeddings.</summary>
    /// <param name="batch">N texts.</param>
    /// <param name="embeddings">Receives <c>[N, D]</c>.</param>
    public void Embed(TokenBatch batch, Span<float> embeddings) => Run(batch, EncoderOnnx.SentenceEmbedding, embeddings);

    /// <summary>Computes the vectors of the last layer.</summary>
    /// <param name="batch">N texts of T tokens.</param>
    /// <param name="tokens">Receives <c>[N, T, D]</c>.</param>
    public void EmbedTokens(TokenBatch batch, Span<float> tokens) => Run(batch, TransformerOnnx.TokenEmbeddings, tokens);

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }

    private void Run(TokenBatch batch, string output, Span<float> values)
    {
        long[] shape = [batch.Rows, batch.Length];
        using OrtValue ids = OrtValue.CreateTensorValueFromMemory(batch.Ids, shape);
        using OrtValue mask = OrtValue.CreateTensorValueFromMemory(batch.Mask, shape);
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(
            _options, [EncoderOnnx.InputIds, EncoderOnnx.AttentionMask], [ids, mask], [output]);
        results[0].GetTensorDataAsSpan<float>().CopyTo(values);
    }
}
