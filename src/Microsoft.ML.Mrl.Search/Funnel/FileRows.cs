using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Rows that stay in a file and are read when they are needed, each held against its checksum.</summary>
/// <remarks>
/// The file is read rather than mapped: a mapped page that is cut off ends the process, and a mapped page that is written over changes
/// unseen. The handle is this object's own, so a file that is renamed over the path does not touch it.
/// </remarks>
internal sealed unsafe class FileRows : RowStore, IDisposable
{
    private readonly FileStream _stream;
    private readonly SafeFileHandle _file;
    private readonly long _start;
    private readonly long _length;
    private readonly DateTime _written;
    private readonly long[] _ids;
    private readonly ulong[] _checksums;

    /// <param name="stream">The file; disposed of with this.</param>
    /// <param name="start">Where the rows begin.</param>
    /// <param name="dimensions">The width D.</param>
    /// <param name="ids">The ids.</param>
    /// <param name="checksums">The checksums.</param>
    public FileRows(FileStream stream, long start, int dimensions, long[] ids, ulong[] checksums)
        : base(dimensions)
    {
        _stream = stream;
        _file = stream.SafeFileHandle;
        _start = start;
        _length = RandomAccess.GetLength(_file);
        _written = File.GetLastWriteTimeUtc(_file);
        _ids = ids;
        _checksums = checksums;
    }

    public override long IdOf(int position) => _ids[position];

    public override bool IsAlive(int position) => true;

    public override float* Rows(int first, int count, float* room)
    {
        int rowBytes = Stride * sizeof(float);
        var bytes = new Span<byte>(room, count * rowBytes);
        long at = _start + ((long)first * rowBytes);
        for (int have = 0; have < bytes.Length;)
        {
            int read = RandomAccess.Read(_file, bytes[have..], at + have);
            if (read == 0)
            {
                throw Changed(first);
            }
            have += read;
        }
        for (int row = 0; row < count; row++)
        {
            if (Checksum(bytes.Slice(row * rowBytes, rowBytes)) != _checksums[first + row])
            {
                throw Changed(first + row);
            }
        }
        return room;
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Two CRC-32C, one of the even and one of the odd 8 bytes, beside each other: so that neither waits for the other.</summary>
    /// <param name="row">The bytes of a row, a multiple of 64.</param>
    public static ulong Checksum(ReadOnlySpan<byte> row)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(row);
        uint even = uint.MaxValue, odd = uint.MaxValue;
        for (int i = 0; i + 1 < words.Length; i += 2)
        {
            even = BitOperations.Crc32C(even, words[i]);
            odd = BitOperations.Crc32C(odd, words[i + 1]);
        }
        return ((ulong)even << 32) | odd;
    }

    private InvalidDataException Changed(int row)
    {
        long length = RandomAccess.GetLength(_file);
        DateTime written = File.GetLastWriteTimeUtc(_file);
        string found = length != _length ? $"it had {_length} bytes and has {length}"
            : written != _written ? $"it was written to at {written:O}"
            : "its bytes do not fit its checksum";
        return new InvalidDataException(
            $"Cannot read row {row} of '{_stream.Name}': the file was changed while it was open ({found}), or is damaged. " +
            "Open a whole file again; to replace an index that is being searched, save or move the new file over it rather than copying " +
            "into it.");
    }
}
