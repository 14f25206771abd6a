namespace Microsoft.ML.Mrl.Files;

/// <summary>
/// Writes a folder completely or not at all. It is written under another name beside the old one, and both are exchanged in one step.
/// </summary>
internal static class AtomicFolder
{
    private const string Extension = ".mrl.tmp";
    private const string LockExtension = ".mrl.lock";
    private const string EarlierExtension = ".mrl.old";

    /// <summary>Writes the folder. A process that reads it finds all files as they were before, or all as they are then.</summary>
    /// <remarks>
    /// What else is in the folder stays. What a process left beside it that was killed while it wrote the same folder is removed. Where the
    /// folder's own place cannot be written to, as with one that is mounted, its files are replaced one by one.
    /// </remarks>
    /// <param name="folder">The folder; made if it is not there. Its parent exists or is made.</param>
    /// <param name="write">
    /// Writes into the folder that it is given, in which the files that are there already are. It replaces files and never changes one in
    /// place, as <see cref="AtomicFile"/> does: until the end the two folders share them.
    /// </param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, Action<string> write)
    {
        string place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(place))
        {
            throw new IOException($"Cannot write the folder '{folder}': a file of that name is there. Choose another name.");
        }
        if (new DirectoryInfo(place).LinkTarget is not null)
        {
            place = Directory.ResolveLinkTarget(place, returnFinalTarget: true)!.FullName;
        }
        if (Path.GetDirectoryName(place) is not { } parent || IsInside(Directory.GetCurrentDirectory(), place))
        {
            // The root of a disk has nothing beside it, and a process must not lose the folder that it works in.
            Directory.CreateDirectory(place);
            write(place);
            return;
        }
        Directory.CreateDirectory(parent);
        Recover(place);
        string prefix = Path.Combine(parent, AtomicFile.PrefixAside(place));
        DeleteLeftovers(parent, Path.GetFileName(prefix));
        string name = "";
        FileStream? held = null;
        try
        {
            try
            {
                held = Hold(prefix, out name);
                Directory.CreateDirectory(name + Extension);
            }
            catch (UnauthorizedAccessException)
            {
                Directory.CreateDirectory(place);
                write(place);
                return;
            }
            if (Directory.Exists(place))
            {
                FolderLinks.CopyInto(new DirectoryInfo(place), name + Extension);
            }
            write(name + Extension);
            Place(name, place, write);
        }
        finally
        {
            if (held is not null)
            {
                Delete(name + Extension);
                held.Dispose();
            }
        }
    }

    /// <summary>Reserves a name. While the returned file is open, no other process treats the name as a leftover.</summary>
    private static FileStream Hold(string prefix, out string name)
    {
        while (true)
        {
            name = prefix + Path.GetRandomFileName();
            if (LockFile.TryHold(name + LockExtension) is { } held)
            {
                return held;
            }
            // Taken for a leftover between being made and being locked.
        }
    }

    /// <summary>Restores a folder that a process renamed before it was killed.</summary>
    /// <param name="folder">The folder.</param>
    public static void Recover(string folder)
    {
        string place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Directory.Exists(place) || Path.GetDirectoryName(place) is not { } parent || !Directory.Exists(parent))
        {
            return;
        }
        if (Directory.GetDirectories(parent, AtomicFile.PrefixAside(place) + "*" + EarlierExtension)
            .Order(StringComparer.Ordinal).LastOrDefault() is { } earlier)
        {
            Directory.Move(earlier, place);
        }
    }

    private static void Place(string name, string place, Action<string> write)
    {
        FolderLinks.Sync(name + Extension);
        if (!Directory.Exists(place))
        {
            Directory.Move(name + Extension, place);
        }
        else if (!FolderLinks.TryExchange(name + Extension, place))
        {
            try
            {
                Directory.Move(place, name + EarlierExtension);
            }
            catch (IOException)
            {
                // Something is mounted there, or a file in it is open where that forbids a move.
                write(place);
                return;
            }
            Directory.Move(name + Extension, place);
            Delete(name + EarlierExtension);
        }
        FolderLinks.Sync(Path.GetDirectoryName(place)!);
    }

    private static bool IsInside(string folder, string outer) =>
        (folder + Path.DirectorySeparatorChar).StartsWith(outer + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static void DeleteLeftovers(string parent, string prefix)
    {
        foreach (string extension in new[] { Extension, EarlierExtension })
        {
            foreach (string leftover in Directory.GetDirectories(parent, prefix + "*" + extension))
            {
                string held = leftover[..^extension.Length] + LockExtension;
                try
                {
                    // Not where another process writes it.
                    using FileStream? mine = LockFile.TryHold(held);
                    if (mine is not null)
                    {
                        Delete(leftover);
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // It belongs to somebody else.
                }
            }
        }
        foreach (string held in Directory.GetFiles(parent, prefix + "*" + LockExtension))
        {
            try
            {
                new FileStream(held, FileMode.Open, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // As above.
            }
        }
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
