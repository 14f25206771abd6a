using System.IO.MemoryMappedFiles;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Search.Funnel;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.Mrl;

public sealed partial class FunnelIndex
{
    /// <summary>Writes the index to a file: whole, or not at all. Removed rows are left out.</summary>
    /// <param name="path">The file to make or replace. Its folder exists.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is <see langword="null"/> or empty.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, Save);
    }

    /// <summary>Writes the index to a stream, with checksums. Removed rows are left out.</summary>
    /// <param name="stream">Where to write; left open.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is <see langword="null"/>.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            FunnelFormat.Write(stream, Layout, Plan, _snapshot, LivePositions(_snapshot));
        }
    }

    /// <summary>Reads an index into memory.</summary>
    /// <param name="path">The file that <see cref="Save(string)"/> wrote.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is <see langword="null"/> or empty.</exception>
    /// <exception cref="InvalidDataException">The file is not an index, is damaged, or is from a newer version.</exception>
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
        throw new InvalidDataException($"'{path}' has {stream.Length - stream.Position} bytes after the index. The file is damaged: copy or save it again.");
    }

    /// <summary>Reads an index into memory.</summary>
    /// <param name="stream">Where to read; left open, just after the index.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">The bytes are not an index, are damaged, or are from a newer version.</exception>
    public static FunnelIndex Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        FunnelFormat.Header header = FunnelFormat.ReadHeader(stream);
        NativeBlock block = FunnelFormat.ReadRows(stream, header);
        unsafe
        {
            FunnelIndex index = From(header, block, block.Start, mappedPath: null);
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
    }

    /// <summary>Opens an index where it lies: the file is mapped into memory, and its rows are read when a search needs them. It may be larger than the memory. Rows can be neither added nor removed.</summary>
    /// <param name="path">
    /// The file that <see cref="Save(string)"/> wrote. It must not be changed in place while it is open; another may be saved over it where the file system allows, which does not change this index.
    /// </param>
    /// <param name="check">How much of the file to read in order to see whether it is whole. Default: the header, with the length of the file.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is <see langword="null"/> or empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="check"/> is unknown.</exception>
    /// <exception cref="InvalidDataException">The file is not an index, is damaged, or is from a newer version.</exception>
    public static FunnelIndex Open(string path, FunnelFileCheck check = FunnelFileCheck.Header)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Enum.IsDefined(check))
        {
            throw new ArgumentOutOfRangeException(nameof(check), check, $"There is no check {check}. Choose {FunnelFileCheck.Header} or {FunnelFileCheck.Everything}.");
        }
        using FileStream stream = File.OpenRead(path);
        FunnelFormat.Header header = FunnelFormat.ReadHeader(stream);
        FunnelFormat.CheckLength(header, stream.Length);
        if (check == FunnelFileCheck.Everything)
        {
            FunnelFormat.CheckRows(stream, header);
        }
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        SafeMemoryMappedViewHandle view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read).SafeMemoryMappedViewHandle;
        unsafe
        {
            return From(header, view, (byte*)view.DangerousGetHandle() + header.RowsStart, path);
        }
    }

    private static unsafe FunnelIndex From(FunnelFormat.Header header, System.Runtime.InteropServices.SafeHandle owner, byte* start, string? mappedPath)
    {
        FunnelSnapshot snapshot = new([], 0);
        if (header.Count > 0)
        {
            var segment = new FunnelSegment(owner, start, checked((int)FunnelLayout.Rounded(header.Count)), 0, header.Layout);
            segment.SetAllAlive(header.Count);
            snapshot = new FunnelSnapshot([segment], header.Count);
        }
        else
        {
            owner.Dispose();
        }
        return new FunnelIndex(header.Widths, header.Layout, snapshot, header.Plan, mappedPath);
    }
}
