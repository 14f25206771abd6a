using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using TorchSharp;

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>Loads libtorch and TorchSharp's native library into the process.</summary>
/// <remarks>
/// On linux-x64 with a libstdc++ older than GCC 13 (Debian 12, Ubuntu 22.04), TorchSharp's own library does not load because one symbol is
/// missing. A repaired copy is loaded instead. No package or system setting is changed.
/// </remarks>
internal static class LibTorch
{
    private const string TorchSharpLibrary = "LibTorchSharp";
    private const string FileNameStart = "lib" + TorchSharpLibrary;

    private static readonly object Gate = new();
    private static volatile bool s_loaded;

    /// <summary>
    /// Gets the version of libtorch that TorchSharp was built with. It is read from metadata, which does not load libtorch.
    /// </summary>
    public static string? PackageVersion =>
        typeof(torch).GetField("libtorchPackageVersion", BindingFlags.NonPublic | BindingFlags.Static) is { IsLiteral: true } constant
            ? (string?)constant.GetRawConstantValue()
            : null;

    /// <summary>
    /// Makes TorchSharp's <c>torch</c> usable. Call it before anything touches that type. Later calls return at once. A call after a failed
    /// one tries again. This method is safe for concurrent use.
    /// </summary>
    /// <exception cref="LibTorchLoadException">A native file is missing or does not load.</exception>
    public static void EnsureLoaded()
    {
        if (s_loaded)
        {
            return;
        }
        lock (Gate)
        {
            if (s_loaded)
            {
                return;
            }
            OpenMpWaiting.MakePassive();
            if (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
                && !StandardCppLibrary.IsGcc13OrNewer())
            {
                LoadRepaired();
            }
            StartTorchSharp();
            s_loaded = true;
        }
    }

    [SupportedOSPlatform("linux")]
    private static void LoadRepaired()
    {
        // The application may have loaded one that suits it. A second copy would register everything twice.
        using (var process = Process.GetCurrentProcess())
        {
            if (process.Modules.Cast<ProcessModule>().Any(m => m.ModuleName.StartsWith(FileNameStart, StringComparison.Ordinal)))
            {
                return;
            }
        }
        NativeFileSearch search = NativeFileSearch.ForThisProcess();
        string path = search.Require(TorchSharpLibrary);
        ElfRepairResult result;
        try
        {
            result = ElfRepair.Repair(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is ElfRepairException or IOException or UnauthorizedAccessException)
        {
            throw new LibTorchLoadException(
                $"Cannot repair '{path}' for this system's libstdc++, which is older than GCC 13: {e.Message}", e);
        }
        if (result.IsNeeded)
        {
            // In the order of their dependencies: the copy lies in another folder and finds them only when they are loaded already.
            Preload(search, "c10");
            Preload(search, "torch_cpu");
            Preload(search, "torch");
            try
            {
                PrivateLibrary.Load(result.Repaired);
            }
            catch (DllNotFoundException e)
            {
                throw new LibTorchLoadException(
                    $"Cannot load a copy of '{path}' repaired for this system's libstdc++, which is older than GCC 13. Tried: {e.Message} "
                    + "Update the system's libstdc++ to the one of GCC 13 or newer.",
                    e);
            }
        }
    }

    private static void Preload(NativeFileSearch search, string name)
    {
        // Asked for by name first, as TorchSharp does, so that both get the same file: a second libtorch_cpu ends the process.
        if (NativeLibrary.TryLoad(name, TorchSharpAssembly, null, out _))
        {
            return;
        }
        string path = search.Require(name);
        try
        {
            NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new LibTorchLoadException($"Cannot load '{path}', which was found but does not load on this system: {e.Message}", e);
        }
    }

    // Runs what the first use of torch would run, so that a failure is told plainly and here.
    private static void StartTorchSharp()
    {
        try
        {
            RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle);
        }
        catch (TypeInitializationException e)
        {
            string path = NativeFileSearch.ForThisProcess().Require("torch_cpu");
            throw new LibTorchLoadException(
                $"Cannot start TorchSharp with '{path}', which was found: {e.InnerException?.Message ?? e.Message} "
                + "Use the libtorch package of the same version as TorchSharp, and restart the application.",
                e);
        }
    }

    private static Assembly TorchSharpAssembly => typeof(Scalar).Assembly;
}
