using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>A pipeline that ML.NET's own converter wrote as ONNX, run in ONNX Runtime.</summary>
internal sealed class ConvertedModel : IDisposable
{
    private readonly InferenceSession _session;

    /// <param name="ml">The context.</param>
    /// <param name="model">The pipeline.</param>
    /// <param name="input">Rows whose only column is Embedding.</param>
    /// <param name="columns">The columns to keep.</param>
    public ConvertedModel(MLContext ml, ITransformer model, IDataView input, params string[] columns)
    {
        using var stream = new MemoryStream();
        ml.Model.ConvertToOnnx(model, input, stream, columns);
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(stream.ToArray(), options);
    }

    /// <summary>The rows of a column, <c>[N, m]</c>.</summary>
    public T[][] Rows<T>(string column, float[][] rows)
    {
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results =
            _session.Run([OnnxRun.Singles("Embedding", rows)], [column + ".output"]);
        T[] values = [.. results.Single().AsTensor<T>()];
        return [.. values.Chunk(values.Length / rows.Length)];
    }

    public void Dispose() => _session.Dispose();
}
