using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>Makes the idle threads of libtorch sleep instead of spin, so that training does not take processors from other work.</summary>
/// <remarks>
/// OpenMP reads its environment once, when it is loaded, so this is for before that. What the user has set stays. Libraries read the native
/// environment, which on Unix is not the one that <see cref="Environment.SetEnvironmentVariable(string, string?)"/> changes; nor do child
/// processes inherit what is set here.
/// </remarks>
internal static partial class OpenMpWaiting
{
    /// <summary>Sets the waiting of GNU's and LLVM's OpenMP, unless it is set.</summary>
    public static void MakePassive()
    {
        if (OperatingSystem.IsWindows())
        {
            if (Environment.GetEnvironmentVariable("KMP_BLOCKTIME") is null
                && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            {
                Environment.SetEnvironmentVariable("KMP_BLOCKTIME", "0");
            }
        }
        else
        {
            SetOnUnix("OMP_WAIT_POLICY", "PASSIVE");
        }
    }

    /// <summary>Returns the value that libraries see.</summary>
    [UnsupportedOSPlatform("windows")]
    internal static string? NativeValue(string name) => Marshal.PtrToStringUTF8(GetEnv(name));

    [UnsupportedOSPlatform("windows")]
    private static void SetOnUnix(string name, string value)
    {
        if (NativeValue("GOMP_SPINCOUNT") is null && NativeValue("KMP_BLOCKTIME") is null)
        {
            _ = SetEnv(name, value, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnv(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint GetEnv(string name);
}
