namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>
/// Thrown when the training data exceeds the memory budget and the disk of the temporary folder has no room for the rest.
/// </summary>
internal sealed class TempSpaceException : IOException
{
    private const int NoSpaceOnUnix = 28;
    private const int QuotaOnLinux = 122;
    private const int QuotaOnMac = 69;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);
    private const int HandleDiskFullOnWindows = unchecked((int)0x80070027);

    public TempSpaceException(string folder, long neededBytes, long freeBytes, Exception? inner = null)
        : base(
            $"The temporary folder '{folder}' needs {neededBytes} more bytes for rows beyond the memory budget, but its disk has "
            + $"{freeBytes} free. Free some, set {nameof(MrlFineTuneOptions.TempFolder)} to a folder on another disk, or raise "
            + $"{nameof(MrlFineTuneOptions.MemoryBudget)}.",
            inner)
    {
        Folder = folder;
        NeededBytes = neededBytes;
        FreeBytes = freeBytes;
    }

    /// <summary>The temporary folder.</summary>
    public string Folder { get; }

    /// <summary>
    /// The bytes that were to be written: all that is to come where the number of rows was known beforehand, else the piece that did not
    /// fit.
    /// </summary>
    public long NeededBytes { get; }

    /// <summary>The bytes that the folder's disk had free.</summary>
    public long FreeBytes { get; }

    /// <summary>Whether an error of the file system says that the disk is full.</summary>
    public static bool IsOutOfSpace(IOException error) => OperatingSystem.IsWindows()
        ? error.HResult is DiskFullOnWindows or HandleDiskFullOnWindows
        : error.HResult == NoSpaceOnUnix || error.HResult == (OperatingSystem.IsMacOS() ? QuotaOnMac : QuotaOnLinux);
}
