using System.Globalization;
using Google.Protobuf;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders.Onnx;

/// <summary>Copies weights from side files into the graph, so that the encoder consists of one file.</summary>
internal static class OnnxEncoderWeights
{
    private const long MaxBytes = int.MaxValue - (1L << 20);

    /// <exception cref="NotSupportedException">The graph came from a stream, or is larger than one ONNX file can be.</exception>
    /// <exception cref="FileNotFoundException">A side file is not there.</exception>
    /// <exception cref="InvalidDataException">
    /// A side file is too short, is a pointer of Git LFS, or is not in the model's folder.
    /// </exception>
    public static void Inline(ModelProto model, string source, string? folder)
    {
        TensorProto[] outside = [.. OnnxWalk.Tensors(model).Where(t => t.DataLocation == TensorProto.Types.DataLocation.External)];
        if (outside.Length == 0)
        {
            return;
        }
        if (folder is null)
        {
            throw new NotSupportedException($"'{source}' keeps weights in side files, which a stream cannot bring. Load it by its path.");
        }
        long total = model.CalculateSize();
        foreach (TensorProto tensor in outside)
        {
            string location = Value(tensor, "location") ?? "";
            if (location.Length == 0 || location != Path.GetFileName(location))
            {
                throw new InvalidDataException(
                    $"'{source}': weight '{tensor.Name}' is said to be in '{location}', which is not a file beside the model.");
            }
            var file = new FileInfo(Path.Combine(folder, location));
            if (!file.Exists)
            {
                throw new FileNotFoundException(
                    $"'{source}' keeps weights in '{location}', which is not beside it. Copy it there.",
                    file.FullName);
            }
            using FileStream stream = file.OpenRead();
            LfsPointer.Check(stream, $"'{file.FullName}'");
            long offset = Number(tensor, "offset") ?? 0;
            long length = Number(tensor, "length") ?? file.Length - offset;
            if (offset < 0 || length < 0 || offset > file.Length - length)
            {
                throw new InvalidDataException(
                    $"'{file.FullName}' has {file.Length} bytes, but weight '{tensor.Name}' is at {offset} and has {length}.");
            }
            total += length;
            if (total > MaxBytes)
            {
                throw new NotSupportedException(
                    $"'{source}' has more than 2 GiB of weights, which one encoder cannot hold. Take a smaller or a quantized model.");
            }
            var bytes = new byte[length];
            stream.Position = offset;
            stream.ReadExactly(bytes);
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
            tensor.ExternalData.Clear();
            tensor.DataLocation = TensorProto.Types.DataLocation.Default;
        }
    }

    private static string? Value(TensorProto tensor, string key) => tensor.ExternalData.FirstOrDefault(p => p.Key == key)?.Value;

    private static long? Number(TensorProto tensor, string key) =>
        Value(tensor, key) is { } text
            ? long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : -1 : null;
}
