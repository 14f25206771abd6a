using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Search.Funnel;

namespace Microsoft.ML.Mrl;

public sealed partial class FunnelIndex
{
    /// <summary>Writes the index to a file: whole, or not at all. It is written beside its place and then renamed. Removed rows are left
    /// out.</summary>
    /// <param name="path">The file to make or replace. Its folder exists.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is <see langword="null"/> or empty.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file of an opened index was changed.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, Save);
    }

    /// <summary>Writes the index to a stream, the graph and the vectors, with checksums. Removed rows are left out.</summary>
    /// <param name="stream">The stream to write to; left open.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">The file of an opened index was changed.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            FunnelFormat.Write(stream, this, _snapshot);
        }
    }

    /// <summary>Reads an index into memory and checks every byte of it.</summary>
    /// <param name="path">The file that <see cref="Save(string)"/> wrote.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is <see langword="null"/> or empty.</exception>
    /// <exception cref="InvalidDataException">The file is not an index, is damaged, or has another version.</exception>
    /// <exception cref="PlatformNotSupportedException">The file has a graph, and there is no native library for this platform.</exception>
    public static FunnelIndex Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        FunnelIndex index = Load(stream);
        if (stream.Position == stream.Length)
        {
            return index;
        }
        index.Dispose();
        throw new InvalidDataException(
            $"'{path}' has {stream.Length - stream.Position} bytes after the index. The file is damaged: copy or save it again.");
    }

    /// <summary>Reads an index into memory and checks every byte of it.</summary>
    /// <param name="stream">The stream to read from; left open, just after the index.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">The bytes are not an index, are damaged, or have another version.</exception>
    /// <exception cref="PlatformNotSupportedException">There is a graph, and no native library for this platform.</exception>
    public static FunnelIndex Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (FunnelFormat.Header header, FunnelSnapshot snapshot) = FunnelFormat.Read(stream, FunnelFormat.ReadRows);
        var index = new FunnelIndex(header, snapshot, openedPath: null);
        try
        {
            index.Contains(0);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens an index whose vectors stay in the file and are read when a search needs them, so that they may be larger than the memory.
    /// The graph and the ids are read into memory. Rows can be neither added nor removed.
    /// </summary>
    /// <param name="path">The file that <see cref="Save(string)"/> wrote.</param>
    /// <remarks>
    /// All but the vectors is checked at once. Another file that is saved or moved over the path does not change this index. A file that is
    /// written over or cut short in place is noticed: every vector is held against its
    /// checksum when it is read, and a search that meets a changed one fails with an <see cref="InvalidDataException"/>. The checksum has
    /// 64 bits and finds accidents; it does not find bytes that were made to fit it.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="path"/> is <see langword="null"/> or empty.</exception>
    /// <exception cref="InvalidDataException">The file is not an index, is damaged, or has another version.</exception>
    /// <exception cref="PlatformNotSupportedException">The file has a graph, and there is no native library for this platform.</exception>
    public static FunnelIndex Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            (FunnelFormat.Header header, FunnelSnapshot snapshot) = FunnelFormat.Read(stream, (_, header, ids, checksums) =>
            {
                long start = stream.Position;
                long expected = start + ((long)header.Count * RowStore.StrideOf(header.Dimensions) * sizeof(float));
                return stream.Length == expected ? new FileRows(stream, start, header.Dimensions, ids, checksums)
                    : throw new InvalidDataException($"The index has {expected} bytes by its header, but the file has " +
                        $"{stream.Length}. The file is damaged: copy or save it again.");
            });
            return new FunnelIndex(header, snapshot, path);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}
