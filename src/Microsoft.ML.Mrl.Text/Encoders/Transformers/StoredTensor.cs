using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.ML.Mrl.Files.Safetensors;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Represents a tensor as it is in its file, so that a model that is loaded and saved has the same bytes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its numbers.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Bytes">Its numbers, little-endian.</param>
internal sealed record StoredTensor(string Name, SafetensorsDataType Type, IReadOnlyList<long> Shape, byte[] Bytes)
{
    /// <summary>Gets a value indicating whether the tensor can be converted to single precision.</summary>
    public bool IsFloating =>
        Type == SafetensorsDataType.F32 || Type == SafetensorsDataType.F16 || Type == SafetensorsDataType.BF16
        || Type == SafetensorsDataType.F64;

    /// <summary>Reads a tensor whole.</summary>
    /// <exception cref="SafetensorsException">The tensor is too large for an array, or is cut off by the end of the file.</exception>
    public static StoredTensor Read(SafetensorsFile file, SafetensorsTensor tensor)
    {
        if (tensor.Length > Array.MaxLength)
        {
            throw new SafetensorsException(file.Path, tensor.Name, $"at most {Array.MaxLength} bytes a tensor", $"{tensor.Length}", "");
        }
        var bytes = new byte[tensor.Length];
        file.ReadBytes(tensor, 0, bytes);
        return new StoredTensor(tensor.Name, tensor.Type, tensor.Shape, bytes);
    }

    /// <summary>Returns a tensor of single precision.</summary>
    public static StoredTensor FromSingles(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> values)
    {
        var bytes = new byte[checked(values.Length * sizeof(float))];
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(bytes);
        }
        else
        {
            for (int i = 0; i < values.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
            }
        }
        return new StoredTensor(name, SafetensorsDataType.F32, shape, bytes);
    }

    /// <summary>Returns the values in single precision, as a new array.</summary>
    public float[] Singles()
    {
        if (Type == SafetensorsDataType.F32 && BitConverter.IsLittleEndian)
        {
            return MemoryMarshal.Cast<byte, float>(Bytes).ToArray();
        }
        int width = Type.Bits / 8;
        var values = new float[Bytes.Length / width];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> number = Bytes.AsSpan(i * width, width);
            values[i] = Type.Name switch
            {
                "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(number),
                "BF16" => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(number) << 16),
                "F64" => (float)BinaryPrimitives.ReadDoubleLittleEndian(number),
                _ => BinaryPrimitives.ReadSingleLittleEndian(number),
            };
        }
        return values;
    }

    /// <summary>Returns the numbers as bytes of single precision; the tensor's own where it has that type.</summary>
    public byte[] SingleBytes() => Type == SafetensorsDataType.F32 ? Bytes : FromSingles(Name, Shape, Singles()).Bytes;
}
