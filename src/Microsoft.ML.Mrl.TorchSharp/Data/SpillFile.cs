using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>
/// A temporary file of rows that nobody else sees and that goes with its handle, even if the process is killed. It is read and written at
/// positions rather than mapped: a full disk is then an exception and not a signal that ends the process, a row costs one read of its own
/// length, and what was read does not count as the process's memory.
/// </summary>
internal sealed class SpillFile : IDisposable
{
    private readonly FileStream _file;
    private readonly string _folder;
    private readonly Func<string, long?> _freeBytes;

    /// <param name="folder">The folder to make it in.</param>
    /// <param name="freeBytes">Gives the free bytes of a folder, null where that cannot be known.</param>
    public SpillFile(string folder, Func<string, long?> freeBytes)
    {
        _folder = folder;
        _freeBytes = freeBytes;
        string path = Path.Combine(folder, $"mrl-{Guid.NewGuid():N}.tmp");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        _file = new FileStream(path, options);
        if (!OperatingSystem.IsWindows())
        {
            // The file lives on without a name for as long as it is open.
            File.Delete(path);
        }
    }

    /// <summary>The free bytes of the disk that a folder is on; null where the system does not say.</summary>
    public static long? FreeBytes(string folder)
    {
        try
        {
            string full = Path.GetFullPath(folder);
            return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(full)! : full).AvailableFreeSpace;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <exception cref="TempSpaceException">The disk is full.</exception>
    public void Write(ReadOnlySpan<float> values, long offset)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        try
        {
            RandomAccess.Write(_file.SafeFileHandle, bytes, offset);
        }
        catch (IOException e) when (TempSpaceException.IsOutOfSpace(e))
        {
            throw new TempSpaceException(_folder, bytes.Length, _freeBytes(_folder) ?? 0, e);
        }
    }

    public void Read(Span<float> values, long offset)
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(values);
        while (bytes.Length > 0)
        {
            int read = RandomAccess.Read(_file.SafeFileHandle, bytes, offset);
            if (read == 0)
            {
                throw new EndOfStreamException(
                    $"The temporary file in '{_folder}' ends before byte {offset}: something else cut it short.");
            }
            bytes = bytes[read..];
            offset += read;
        }
    }

    public void Dispose() => _file.Dispose();
}
