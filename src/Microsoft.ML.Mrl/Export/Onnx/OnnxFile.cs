using Google.Protobuf;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Export.Onnx;

/// <summary>Reads and writes ONNX files, within the 2 GiB that one file of this format can hold.</summary>
internal static class OnnxFile
{
    /// <summary>The operator set that new models are written for.</summary>
    public const int OperatorSet = 17;

    /// <summary>The version of the format that came with it.</summary>
    public const int FormatVersion = 8;

    /// <summary>The room for everything except weights, in bytes.</summary>
    private const long Overhead = 1 << 20;

    /// <summary>Throws an exception if a model does not fit into one file.</summary>
    /// <param name="encoderBytes">The bytes of the model that is appended to, 0 for none.</param>
    /// <param name="weightBytes">The bytes of the head's weights.</param>
    /// <exception cref="InvalidOperationException">The model does not fit into one file.</exception>
    public static void CheckSize(long encoderBytes, long weightBytes) => CheckSize(encoderBytes, weightBytes, "Choose fewer dimensions.");

    /// <summary>Throws an exception if a model does not fit into one file.</summary>
    /// <param name="encoderBytes">The bytes of the model that is appended to, 0 for none.</param>
    /// <param name="weightBytes">The bytes of the weights that are written.</param>
    /// <param name="advice">The advice if nothing is appended to.</param>
    /// <exception cref="InvalidOperationException">The model does not fit into one file.</exception>
    public static void CheckSize(long encoderBytes, long weightBytes, string advice)
    {
        if (encoderBytes > int.MaxValue - Overhead || weightBytes > int.MaxValue - Overhead - encoderBytes)
        {
            string encoder = encoderBytes == 0 ? "" : $" and {encoderBytes} bytes of the encoder";
            throw new InvalidOperationException(
                $"Cannot write the model as ONNX: {weightBytes} bytes of weights{encoder} do not fit into the {int.MaxValue} bytes that " +
                    $"one ONNX file can hold. " +
                (encoderBytes == 0 ? advice : "Keep the encoder's weights in a side file (external data), or export the head alone."));
        }
    }

    /// <summary>Reads a model.</summary>
    /// <exception cref="InvalidDataException">The file is not an ONNX model or is damaged.</exception>
    public static ModelProto Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        try
        {
            ModelProto model = ModelProto.Parser.ParseFrom(stream);
            return model.Graph is { Node.Count: > 0 } or { Output.Count: > 0 }
                ? model
                : throw new InvalidDataException($"'{path}' is not an ONNX model: it holds no graph. Give the path of a .onnx file.");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"'{path}' is not an ONNX model, or is damaged: {e.Message} Copy or export it again.", e);
        }
    }

    /// <summary>Writes a model whole or not at all.</summary>
    public static void Write(ModelProto model, string path) => AtomicFile.Write(path, model.WriteTo);

    /// <summary>Returns the type of a tensor of singles with one axis of any length and one of a fixed length.</summary>
    public static TypeProto RowsOf(TensorShapeProto.Types.Dimension rows, int width)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(rows);
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = width });
        return new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float,
            Shape = shape } };
    }
}
