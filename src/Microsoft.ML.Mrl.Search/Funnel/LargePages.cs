using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// Asks the system to hold memory in large pages: the rows of a short list lie far apart, and with small pages to find where they are costs more than to read them. A hint; without it all works as well, only
/// slower.
/// </summary>
internal static unsafe partial class LargePages
{
    /// <summary>What memory that is to lie in large pages must be aligned to.</summary>
    public const int Alignment = 1 << 21;

    // From linux/mman.h.
    private const int AdviseHugePages = 14;

    /// <summary>The alignment for a piece of memory.</summary>
    public static nuint AlignmentFor(long bytes, nuint otherwise) => OperatingSystem.IsLinux() && bytes >= 2 * Alignment ? Alignment : otherwise;

    /// <summary>Asks for them, before the memory is first written.</summary>
    public static void Advise(void* start, long bytes)
    {
        if (!OperatingSystem.IsLinux() || bytes < 2 * Alignment)
        {
            return;
        }
        try
        {
            // Where the kernel has none the answer is an error, and nothing changed.
            _ = MemoryAdvise(start, (nuint)bytes, AdviseHugePages);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MemoryAdvise(void* start, nuint bytes, int advice);
}
