using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Mrl.Files;

/// <summary>Writes a file completely or not at all. It is written under another name in the same folder and then renamed.</summary>
internal static class AtomicFile
{
    private const string Extension = ".mrl.tmp";

    /// <summary>Writes the file; what was there before is replaced once the new content is complete and on the disk.</summary>
    /// <remarks>
    /// A file that is replaced keeps its mode and, where the process may give files away, its owner and group; a symbolic link stays, and
    /// the file that it leads to is replaced. What a process left beside it that was killed while it wrote the same file is removed.
    /// </remarks>
    /// <param name="path">The file to make. Its folder exists.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(string path, Action<Stream> write) => WriteAside(path, (stream, aside, place) =>
    {
        write(stream);
        stream.Flush(flushToDisk: true);
        // Before it is closed, for as long as it is open nobody takes it for a leftover.
        File.Move(aside, place, overwrite: true);
    });

    /// <summary>Makes sure that the file can be written, without leaving a trace.</summary>
    /// <param name="path">The file. Its folder exists.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public static void Probe(string path) => WriteAside(path, (stream, _, _) => stream.WriteByte(0));

    /// <summary>Returns the beginning of the temporary names under which a file or folder is written before it is renamed.</summary>
    /// <param name="path">The file or folder.</param>
    /// <returns>Text of fixed length, so that a long name does not become too long.</returns>
    public static string PrefixAside(string path) =>
        $".{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFileName(path))).AsSpan(0, 4)).ToLowerInvariant()}-";

    /// <summary>
    /// Determines whether a file could not be opened since it is open elsewhere: EAGAIN of Linux, EWOULDBLOCK of macOS and BSD, a sharing
    /// violation of Windows.
    /// </summary>
    public static bool IsInUse(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static void WriteAside(string path, Action<FileStream, string, string> write)
    {
        string fullPath = Path.GetFullPath(path);
        if (Directory.Exists(fullPath))
        {
            throw new IOException($"Cannot write '{path}': it is a folder. Give a file name.");
        }
        if (new FileInfo(fullPath).LinkTarget is not null)
        {
            fullPath = File.ResolveLinkTarget(fullPath, returnFinalTarget: true)!.FullName;
        }
        string folder = Path.GetDirectoryName(fullPath)!;
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"Cannot write '{path}': there is no folder '{folder}'. Create it first.");
        }
        string prefix = PrefixAside(fullPath);
        DeleteLeftovers(folder, prefix);
        string aside = "";
        try
        {
            using FileStream stream = CreateAside(folder, prefix, fullPath, out aside);
            write(stream, aside, fullPath);
        }
        finally
        {
            if (aside.Length > 0)
            {
                File.Delete(aside);
            }
        }
    }

    private static FileStream CreateAside(string folder, string prefix, string replaced, out string aside)
    {
        while (true)
        {
            aside = Path.Combine(folder, prefix + Path.GetRandomFileName() + Extension);
            try
            {
                FileStream stream = Create(aside, replaced);
                if (File.Exists(aside))
                {
                    return stream;
                }
                stream.Dispose();
            }
            catch (IOException e) when (IsInUse(e))
            {
                // Taken for a leftover between being made and being locked.
            }
        }
    }

    /// <summary>Files that are written are locked, and the system unlocks them when their process ends in whatever way.</summary>
    private static void DeleteLeftovers(string folder, string prefix)
    {
        foreach (string leftover in Directory.GetFiles(folder, prefix + "*" + Extension))
        {
            try
            {
                new FileStream(leftover, FileMode.Open, FileAccess.Read, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process writes it, or it belongs to somebody else.
            }
        }
    }

    private static FileStream Create(string aside, string replaced)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Delete };
        if (OperatingSystem.IsWindows() || !File.Exists(replaced))
        {
            return new FileStream(aside, options);
        }
        UnixFileMode mode = File.GetUnixFileMode(replaced);
        // Never readable by more than the old file was, not even while it is written.
        options.UnixCreateMode = mode & (UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var stream = new FileStream(aside, options);
        FileOwner.Copy(replaced, stream.SafeFileHandle);
        File.SetUnixFileMode(stream.SafeFileHandle, mode);
        return stream;
    }
}
