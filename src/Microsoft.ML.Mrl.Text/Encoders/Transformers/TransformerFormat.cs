using Microsoft.ML.Mrl.Files.Safetensors;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Reads and writes a transformer in a saved encoder: the small files, then the weights folder by folder.</summary>
internal static class TransformerFormat
{
    private const string Source = "the saved encoder";

    public static void Write(TransformerModel model, BinaryWriter writer)
    {
        WriteFiles(model.Files, writer);
        WriteTensors([.. model.TensorFiles], writer);
    }

    public static TransformerModel Read(BinaryReader reader)
    {
        ModelFiles files = ReadFiles(reader);
        Dictionary<string, TensorFile> tensors = ReadTensors(reader);
        return TransformerModel.From(
            files, path => tensors.GetValueOrDefault(path) ?? throw new InvalidDataException($"The encoder has no weights for '{path}'."));
    }

    /// <summary>Writes small files.</summary>
    public static void WriteFiles(ModelFiles files, BinaryWriter writer)
    {
        string[] paths = [.. files.Paths];
        writer.Write(paths.Length);
        foreach (string path in paths)
        {
            writer.Write(path);
            WriteBytes(writer, files.Find(path)!);
        }
    }

    /// <summary>Reads what <see cref="WriteFiles"/> wrote.</summary>
    public static ModelFiles ReadFiles(BinaryReader reader)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (int left = ReadCount(reader); left > 0; left--)
        {
            files.Add(reader.ReadString(), ReadBytes(reader));
        }
        return new ModelFiles(Source, files);
    }

    /// <summary>Writes files of weights.</summary>
    public static void WriteTensors((string Path, TensorFile File)[] files, BinaryWriter writer)
    {
        writer.Write(files.Length);
        foreach ((string path, TensorFile file) in files)
        {
            writer.Write(path);
            writer.Write(file.Metadata.Count);
            foreach ((string key, string value) in file.Metadata)
            {
                writer.Write(key);
                writer.Write(value);
            }
            writer.Write(file.Tensors.Count);
            foreach (StoredTensor tensor in file.Tensors)
            {
                writer.Write(tensor.Name);
                writer.Write(tensor.Type.Name);
                writer.Write(tensor.Shape.Count);
                foreach (long length in tensor.Shape)
                {
                    writer.Write(length);
                }
                WriteBytes(writer, tensor.Bytes);
            }
        }
    }

    /// <summary>Reads what <see cref="WriteTensors"/> wrote.</summary>
    public static Dictionary<string, TensorFile> ReadTensors(BinaryReader reader)
    {
        var tensors = new Dictionary<string, TensorFile>(StringComparer.Ordinal);
        for (int left = ReadCount(reader); left > 0; left--)
        {
            string path = reader.ReadString();
            KeyValuePair<string, string>[] metadata =
                [.. Enumerable.Range(0, ReadCount(reader)).Select(_ => KeyValuePair.Create(reader.ReadString(), reader.ReadString()))];
            StoredTensor[] list = [.. Enumerable.Range(0, ReadCount(reader)).Select(_ => ReadTensor(reader))];
            tensors.Add(path, new TensorFile(list, metadata));
        }
        return tensors;
    }

    private static StoredTensor ReadTensor(BinaryReader reader)
    {
        string name = reader.ReadString();
        string type = reader.ReadString();
        SafetensorsDataType known = SafetensorsDataType.Find(type) ?? throw new InvalidDataException(
            $"Tensor '{name}' is of type '{type}', which is not known.");
        long[] shape = [.. Enumerable.Range(0, ReadCount(reader)).Select(_ => reader.ReadInt64())];
        byte[] bytes = ReadBytes(reader);
        return Array.TrueForAll(shape, length => length >= 0) && SafetensorsTensor.Size(known, shape) is { } size
            && size.Bytes == bytes.Length
            ? new StoredTensor(name, known, shape, bytes)
            : throw new InvalidDataException($"Tensor '{name}' of {type} {SafetensorsTensor.Text(shape)} has {bytes.Length} bytes.");
    }

    public static int ReadCount(BinaryReader reader) =>
        reader.ReadInt32() is >= 0 and var count && count <= Left(reader)
            ? count
            : throw new InvalidDataException("A count is larger than what is left of the file.");

    public static void WriteBytes(BinaryWriter writer, byte[] bytes)
    {
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    public static byte[] ReadBytes(BinaryReader reader) => reader.ReadBytes(ReadCount(reader));

    private static long Left(BinaryReader reader) => reader.BaseStream.Length - reader.BaseStream.Position;
}
