using Google.Protobuf;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Runs an encoder with ONNX Runtime. This type is safe for concurrent use.</summary>
internal sealed class TransformerSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();

    /// <exception cref="InvalidOperationException">ONNX Runtime's native library is not there, or the model is larger than one ONNX file
    /// can be.</exception>
    public TransformerSession(TransformerModel model) => _session = Open(TransformerOnnx.Make(model).ToByteArray());

    /// <summary>Opens a graph.</summary>
    /// <exception cref="InvalidOperationException">ONNX Runtime's native library is not there.</exception>
    public static InferenceSession Open(byte[] model)
    {
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            return new InferenceSession(model, options);
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
    /// <returns>The embeddings, <c>[N, D]</c>.</returns>
    public float[] Embed(TokenBatch batch) => Run(batch, EncoderOnnx.SentenceEmbedding);

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }

    /// <summary>Computes one output of the graph.</summary>
    /// <param name="batch">N texts of T tokens.</param>
    /// <param name="output">The name of the output.</param>
    internal float[] Run(TokenBatch batch, string output)
    {
        long[] shape = [batch.Rows, batch.Length];
        using OrtValue ids = OrtValue.CreateTensorValueFromMemory(batch.Ids, shape);
        using OrtValue mask = OrtValue.CreateTensorValueFromMemory(batch.Mask, shape);
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(
            _options, [EncoderOnnx.InputIds, EncoderOnnx.AttentionMask], [ids, mask], [output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
