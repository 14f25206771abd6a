using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>Examines the libstdc++ that this process uses.</summary>
internal static class StandardCppLibrary
{
    /// <summary>Determines whether it is from GCC 13 or newer. A libstdc++ that is not there at all counts as old.</summary>
    /// <remarks>
    /// It asks for the symbol itself: file names and distribution versions would say what is installed, not what is in use.
    /// </remarks>
    public static bool IsGcc13OrNewer()
    {
        if (!NativeLibrary.TryLoad("libstdc++.so.6", out nint library))
        {
            return false;
        }
        try
        {
            return NativeLibrary.TryGetExport(library, ElfRepair.NewerSymbol, out _);
        }
        finally
        {
            NativeLibrary.Free(library);
        }
    }
}
