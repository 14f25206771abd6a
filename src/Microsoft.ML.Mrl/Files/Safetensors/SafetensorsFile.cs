using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.Mrl.Files.Safetensors;

/// <summary>Reads tensors of a safetensors file, each when it is requested. Concurrent reads are safe.</summary>
/// <remarks>
/// Only the header is held. Values are read directly into their destination, or through a buffer of 1 MiB if their type changes.
/// </remarks>
internal sealed class SafetensorsFile : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private const string CopyAgain = "The file is damaged: copy or export it again.";

    private readonly SafeFileHandle _handle;
    private readonly long _dataStart;
    private readonly Dictionary<string, SafetensorsTensor> _byName;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        long fileLength = RandomAccess.GetLength(handle);
        if (fileLength < SafetensorsHeader.LengthBytes)
        {
            throw new SafetensorsException(path, null, "a safetensors file, which has at least 8 bytes", $"{fileLength} bytes", CopyAgain);
        }
        Span<byte> start = stackalloc byte[SafetensorsHeader.LengthBytes];
        ReadAt(null, start, 0);
        CheckPointer(start, (int)Math.Min(fileLength, LfsPointer.Bytes));
        int jsonLength = SafetensorsHeader.JsonLength(path, start, fileLength);
        byte[] json = ArrayPool<byte>.Shared.Rent(jsonLength);
        try
        {
            ReadAt(null, json.AsSpan(0, jsonLength), SafetensorsHeader.LengthBytes);
            _dataStart = SafetensorsHeader.LengthBytes + jsonLength;
            _header = SafetensorsHeader.Parse(path, json.AsSpan(0, jsonLength), fileLength - _dataStart);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(json);
        }
        _byName = _header.Tensors.ToDictionary(t => t.Name);
    }

    /// <exception cref="InvalidDataException">The file is a pointer of Git LFS.</exception>
    private void CheckPointer(ReadOnlySpan<byte> start, int length)
    {
        if (LfsPointer.MayStart(start))
        {
            Span<byte> more = stackalloc byte[LfsPointer.Bytes];
            ReadAt(null, more[..length], 0);
            LfsPointer.Check(more[..length], $"'{Path}'");
        }
    }

    /// <summary>Gets the file.</summary>
    public string Path { get; }

    /// <summary>Gets the tensors in the order of the header.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors => _header.Tensors;

    /// <summary>Gets the file's texts, in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="SafetensorsException">The file is damaged, or is not a safetensors file.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
        try
        {
            return new SafetensorsFile(path, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Returns the tensor of a name, or <see langword="null"/>.</summary>
    public SafetensorsTensor? TryFind(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Returns the tensor of a name and, if one is given, of a shape.</summary>
    /// <exception cref="SafetensorsException">The file has no such tensor, or its shape differs.</exception>
    public SafetensorsTensor Find(string name, params long[]? shape)
    {
        if (!_byName.TryGetValue(name, out SafetensorsTensor? tensor))
        {
            string names = string.Join(", ", Tensors.Take(8).Select(t => $"'{t.Name}'"));
            throw new SafetensorsException(Path, name, "the tensor", Tensors.Count == 0 ? "no tensors"
                : $"only {names}{(Tensors.Count > 8 ? $" and {Tensors.Count - 8} more" : "")}", "Is it the file of another model?");
        }
        return shape is null or [] || tensor.Shape.SequenceEqual(shape)
            ? tensor
            : throw new SafetensorsException(Path, name, $"the shape {SafetensorsTensor.Text(shape)}",
                SafetensorsTensor.Text(tensor.Shape), "Is it the file of another model?");
    }

    /// <summary>Reads a tensor of F32, F16, BF16 or F64 in single precision.</summary>
    /// <exception cref="SafetensorsException">
    /// The tensor has another type, is too large for an array, or is cut off by the end of the file.
    /// </exception>
    public float[] ReadSingles(SafetensorsTensor tensor)
    {
        if (tensor.Count > Array.MaxLength)
        {
            throw new SafetensorsException(Path, tensor.Name, $"at most {Array.MaxLength} numbers in one array", tensor.Description,
                "Read it in parts.");
        }
        CheckIsFloating(tensor);
        var values = new float[tensor.Count];
        ReadSingles(tensor, 0, values);
        return values;
    }

    /// <summary>Reads a part of a tensor of F32, F16, BF16 or F64 in single precision: some rows of a large table, say.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="start">The first number.</param>
    /// <param name="destination">Receives as many numbers as it has room for.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not within the tensor.</exception>
    /// <exception cref="SafetensorsException">The tensor is of another type, or the file ends inside it.</exception>
    public void ReadSingles(SafetensorsTensor tensor, long start, Span<float> destination)
    {
        CheckIsFloating(tensor);
        CheckPart(tensor, start, destination.Length);
        if (tensor.Type == SafetensorsDataType.F32 && BitConverter.IsLittleEndian)
        {
            ReadAt(tensor, MemoryMarshal.AsBytes(destination), _dataStart + tensor.Start + start * sizeof(float));
            return;
        }
        int width = tensor.Type.Bits / 8;
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferBytes, (long)destination.Length * width));
        try
        {
            int most = Math.Min(buffer.Length, BufferBytes) / width;
            for (int done = 0; done < destination.Length; done += most)
            {
                Span<float> part = destination.Slice(done, Math.Min(most, destination.Length - done));
                Span<byte> bytes = buffer.AsSpan(0, part.Length * width);
                ReadAt(tensor, bytes, _dataStart + tensor.Start + (start + done) * width);
                Widen(tensor.Type, bytes, part);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads a tensor of whole numbers (I8 to I64, U8 to U64).</summary>
    /// <exception cref="SafetensorsException">
    /// The tensor has another type or a number above 2⁶³ − 1, is too large for an array, or is cut off by the end of the file.
    /// </exception>
    public long[] ReadIntegers(SafetensorsTensor tensor)
    {
        if (tensor.Type.Name is not ['I' or 'U', ..] || tensor.Count > Array.MaxLength)
        {
            throw new SafetensorsException(Path, tensor.Name, "whole numbers (I8 to I64, U8 to U64) that fit into one array",
                tensor.Description, "");
        }
        int width = tensor.Type.Bits / 8;
        var values = new long[tensor.Count];
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferBytes, tensor.Length));
        try
        {
            int most = Math.Max(1, Math.Min(buffer.Length, BufferBytes) / width);
            for (int done = 0; done < values.Length; done += most)
            {
                Span<long> part = values.AsSpan(done, Math.Min(most, values.Length - done));
                Span<byte> bytes = buffer.AsSpan(0, part.Length * width);
                ReadAt(tensor, bytes, _dataStart + tensor.Start + (long)done * width);
                Widen(tensor, bytes, part);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return values;
    }

    /// <summary>Reads bytes of a tensor as they are in the file.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="start">The first byte, counted from the tensor's own.</param>
    /// <param name="destination">Receives as many bytes as it has room for.</param>
    public void ReadBytes(SafetensorsTensor tensor, long start, Span<byte> destination)
    {
        if (start < 0 || destination.Length > tensor.Length - start)
        {
            throw new ArgumentOutOfRangeException(nameof(start), start,
                $"Cannot read {destination.Length} bytes from {start}: tensor '{tensor.Name}' has {tensor.Length}.");
        }
        ReadAt(tensor, destination, _dataStart + tensor.Start + start);
    }

    public void Dispose() => _handle.Dispose();

    private void CheckIsFloating(SafetensorsTensor tensor)
    {
        if (tensor.Type != SafetensorsDataType.F32 && tensor.Type != SafetensorsDataType.F16 && tensor.Type != SafetensorsDataType.BF16
            && tensor.Type != SafetensorsDataType.F64)
        {
            throw new SafetensorsException(Path, tensor.Name, "F32, F16, BF16 or F64", tensor.Type.Name,
                "Save the model in one of these types.");
        }
    }

    private static void CheckPart(SafetensorsTensor tensor, long start, int count)
    {
        if (start < 0 || count > tensor.Count - start)
        {
            throw new ArgumentOutOfRangeException(nameof(start), start,
                $"Cannot read {count} numbers from {start}: tensor '{tensor.Name}' has {tensor.Count}.");
        }
    }

    private static void Widen(SafetensorsDataType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = type.Name switch
            {
                "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]),
                "BF16" => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16),
                "F64" => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]),
                _ => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
            };
        }
    }

    private void Widen(SafetensorsTensor tensor, ReadOnlySpan<byte> bytes, Span<long> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = tensor.Type.Name switch
            {
                "I8" => (sbyte)bytes[i],
                "U8" => bytes[i],
                "I16" => BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]),
                "U16" => BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]),
                "I32" => BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]),
                "U32" => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * i)..]),
                "I64" => BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * i)..]),
                _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]) is <= long.MaxValue and var value
                    ? (long)value
                    : throw new SafetensorsException(Path, tensor.Name, "numbers up to 2^63 - 1", "a larger one", ""),
            };
        }
    }

    private void ReadAt(SafetensorsTensor? tensor, Span<byte> destination, long offset)
    {
        int wanted = destination.Length;
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(_handle, destination, offset);
            if (read == 0)
            {
                throw new SafetensorsException(Path, tensor?.Name, $"{wanted} bytes",
                    $"{wanted - destination.Length}: the file became shorter", CopyAgain);
            }
            destination = destination[read..];
            offset += read;
        }
    }
}
