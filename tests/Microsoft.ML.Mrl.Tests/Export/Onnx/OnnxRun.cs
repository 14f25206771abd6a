using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.Mrl.Tests.Export.Onnx;

/// <summary>Runs a model in ONNX Runtime, as an application would: with its optimisations.</summary>
internal sealed class OnnxRun : IDisposable
{
    private readonly InferenceSession _session;

    public OnnxRun(string path)
    {
        using var options =
            new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(path, options);
    }

    public IReadOnlyDictionary<string, NodeMetadata> Inputs => _session.InputMetadata;

    public IReadOnlyDictionary<string, NodeMetadata> Outputs => _session.OutputMetadata;

    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    public static NamedOnnxValue Singles(string name, float[][] rows) =>
        NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(rows.SelectMany(r => r).ToArray(), [rows.Length, rows[0].Length]));

    public static NamedOnnxValue Integers(string name, long[][] rows) =>
        NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(rows.SelectMany(r => r).ToArray(), [rows.Length, rows[0].Length]));

    /// <summary>The rows of an output <c>[N, m]</c>.</summary>
    public float[][] Rows(string output, params NamedOnnxValue[] inputs)
    {
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = _session.Run(inputs, [output]);
        Tensor<float> tensor = results.Single().AsTensor<float>();
        Assert.Equal(2, tensor.Rank);
        float[] values = [.. tensor];
        return [.. values.Chunk(tensor.Dimensions[1])];
    }

    public float[][] Rows(string output, string input, float[][] rows) => Rows(output, Singles(input, rows));

    public void Dispose() => _session.Dispose();
}
