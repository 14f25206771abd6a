using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.Mrl.Files;

/// <summary>Gives a new file the owner and group of the file that it replaces. .NET has no method for this.</summary>
internal static partial class FileOwner
{
    private const int CurrentFolder = -100;
    private const uint OwnerAndGroup = 0x18;

    /// <summary>
    /// Copies owner and group. Does nothing where the system does not allow it: then the new file belongs to whoever writes it.
    /// </summary>
    public static void Copy(string source, SafeFileHandle target)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        try
        {
            // struct statx is the same on every architecture: 256 bytes, with the owner at 20 and the group at 24.
            var status = new byte[256];
            if (Statx(CurrentFolder, source, 0, OwnerAndGroup, status) == 0)
            {
                _ = ChangeOwner(target, BitConverter.ToUInt32(status, 20), BitConverter.ToUInt32(status, 24));
            }
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // A C library without statx.
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "fchown")]
    private static partial int ChangeOwner(SafeFileHandle file, uint owner, uint group);
}
