using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.Mrl.Files;

/// <summary>Operations on folders that .NET does not offer: hard links, the exchange of two folders, and a sync.</summary>
internal static partial class FolderLinks
{
    private const int CurrentFolder = -100;
    private const uint Exchange = 2;

    /// <summary>
    /// Adds the files of a folder and of its subfolders to another folder, as hard links if the system supports them and as copies
    /// otherwise.
    /// </summary>
    /// <param name="source">The folder.</param>
    /// <param name="target">The other one, which is there.</param>
    public static void CopyInto(DirectoryInfo source, string target)
    {
        CopyOwnerAndMode(source, target);
        foreach (FileSystemInfo entry in source.EnumerateFileSystemInfos())
        {
            string place = Path.Combine(target, entry.Name);
            if (entry.LinkTarget is { } link)
            {
                _ = entry is DirectoryInfo ? Directory.CreateSymbolicLink(place, link) : File.CreateSymbolicLink(place, link);
            }
            else if (entry is DirectoryInfo folder)
            {
                Directory.CreateDirectory(place);
                CopyInto(folder, place);
            }
            else if (!entry.Name.EndsWith(".mrl.tmp", StringComparison.Ordinal) && !TryLink(entry.FullName, place))
            {
                File.Copy(entry.FullName, place);
            }
        }
    }

    /// <summary>Exchanges two folders in one step.</summary>
    /// <returns><see langword="false"/> if the system does not support it.</returns>
    public static bool TryExchange(string first, string second)
    {
        try
        {
            return OperatingSystem.IsLinux() && RenameAt2(CurrentFolder, first, CurrentFolder, second, Exchange) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Writes the names in a folder to the disk if the system supports it.</summary>
    public static void Sync(string folder)
    {
        using SafeFileHandle? opened = OpenFolder(folder);
        if (opened is not null)
        {
            _ = Fsync(opened);
        }
    }

    private static SafeFileHandle? OpenFolder(string folder) =>
        OperatingSystem.IsLinux() && Open(folder, 0) is >= 0 and var handle ? new SafeFileHandle(handle, ownsHandle: true) : null;

    private static void CopyOwnerAndMode(DirectoryInfo source, string target)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        using SafeFileHandle? opened = OpenFolder(target);
        if (opened is not null)
        {
            FileOwner.Copy(source.FullName, opened);
        }
        File.SetUnixFileMode(target, source.UnixFileMode);
    }

    private static bool TryLink(string file, string name) => !OperatingSystem.IsWindows() && Link(file, name) == 0;

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string file, string name);

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int firstFolder, string first, int secondFolder, string second, uint flags);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Fsync(SafeFileHandle folder);
}
