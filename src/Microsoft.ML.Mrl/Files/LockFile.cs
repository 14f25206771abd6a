namespace Microsoft.ML.Mrl.Files;

/// <summary>
/// Represents a file that only one process at a time holds open. The system closes and deletes it when the process ends, for whatever
/// reason.
/// </summary>
internal static class LockFile
{
    /// <summary>Holds the file for as long as the stream is open; makes it where it is not there.</summary>
    /// <param name="path">The file. Its folder exists.</param>
    /// <returns>The open file, or <see langword="null"/> where it is held already.</returns>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be made or opened.</exception>
    public static FileStream? TryHold(string path)
    {
        while (true)
        {
            try
            {
                var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
                if (File.Exists(path))
                {
                    return file;
                }
                // Its owner deleted it between the two halves of opening, so that it locks nothing.
                file.Dispose();
            }
            catch (IOException e) when (AtomicFile.IsInUse(e))
            {
                return null;
            }
        }
    }
}
