namespace Microsoft.ML.Mrl.Files;

/// <summary>Writes a file whole or not at all: beside its place first, then moved into it.</summary>
internal static class AtomicFile
{
    /// <summary>Writes the file; what was there before is replaced once the new content is complete and on the disk.</summary>
    /// <param name="path">The file to make. Its folder exists.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(string path, Action<Stream> write)
    {
        string fullPath = Path.GetFullPath(path);
        if (Directory.Exists(fullPath))
        {
            throw new IOException($"Cannot write '{path}': it is a folder. Give a file name.");
        }
        string folder = Path.GetDirectoryName(fullPath)!;
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"Cannot write '{path}': there is no folder '{folder}'. Create it first.");
        }
        string aside = Path.Combine(folder, $".{Path.GetRandomFileName()}.mrl.tmp");
        try
        {
            using (var stream = new FileStream(aside, FileMode.CreateNew, FileAccess.Write))
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
}
