namespace Microsoft.ML.Mrl.Files;

/// <summary>Writes a file whole or not at all: beside its place first, then moved into it.</summary>
internal static class AtomicFile
{
    /// <summary>Writes the file; what was there before is replaced once the new content is complete and on the disk.</summary>
    /// <remarks>
    /// A file that is replaced keeps its mode and, where the process may give files away, its owner and group; a symbolic link stays, and
    /// the file that it leads to is replaced.
    /// </remarks>
    /// <param name="path">The file to make. Its folder exists.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(string path, Action<Stream> write)
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
        string aside = Path.Combine(folder, $".{Path.GetRandomFileName()}.mrl.tmp");
        try
        {
            using (FileStream stream = Create(aside, fullPath))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(aside, fullPath, overwrite: true);
        }
        finally
        {
            File.Delete(aside);
        }
    }

    private static FileStream Create(string aside, string replaced)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
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
