using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>
/// Loads a native library from bytes, through a file that has no name and so cannot be found, planted or swapped by anybody.
/// </summary>
/// <remarks>
/// The bytes are written to, and loaded from, one open handle: a file in memory, or where the system does not allow code there, a file that
/// was new and loses its name before it is written. Nothing is left behind when the process ends.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static partial class PrivateLibrary
{
    /// <summary>
    /// Files whose libraries are loaded. They stay open: the loader knows a library by its path, which has the number of the handle.
    /// </summary>
    private static readonly List<SafeFileHandle> s_loaded = [];

    /// <summary>Loads the library.</summary>
    /// <param name="image">The whole file.</param>
    /// <returns>The library's handle, as of <see cref="NativeLibrary"/>.</returns>
    /// <exception cref="DllNotFoundException">The library cannot be loaded. The message says what was tried.</exception>
    public static nint Load(ReadOnlySpan<byte> image)
    {
        var failures = new List<string>();
        string own = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        foreach (string folder in new[] { "", own, Path.GetTempPath() }.Where(f => f.Length == 0 || Path.IsPathRooted(f)).Distinct())
        {
            try
            {
                return folder.Length == 0 ? Load(image, InMemory()) : Load(image, WithoutName(folder));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException or BadImageFormatException)
            {
                failures.Add($"{(folder.Length == 0 ? "in memory" : $"in '{folder}'")}: {e.Message}");
            }
        }
        throw new DllNotFoundException(string.Join(" ", failures));
    }

    /// <summary>Writes the library to a file and loads it from there. The method takes ownership of the handle.</summary>
    internal static nint Load(ReadOnlySpan<byte> image, SafeFileHandle file)
    {
        bool loaded = false;
        try
        {
            RandomAccess.Write(file, image, 0);
            nint library = NativeLibrary.Load($"/proc/self/fd/{file.DangerousGetHandle()}");
            loaded = true;
            lock (s_loaded)
            {
                s_loaded.Add(file);
            }
            return library;
        }
        finally
        {
            if (!loaded)
            {
                file.Dispose();
            }
        }
    }

    /// <exception cref="IOException">The system does not support or does not allow such files.</exception>
    internal static SafeFileHandle InMemory()
    {
        const uint closeOnExec = 1;
        try
        {
            int descriptor = MemfdCreate("mrl", closeOnExec);
            return descriptor >= 0
                ? new SafeFileHandle(descriptor, ownsHandle: true)
                : throw new IOException($"The system refused a file in memory (error {Marshal.GetLastPInvokeError()}).");
        }
        catch (EntryPointNotFoundException e)
        {
            throw new IOException("The system has no files in memory.", e);
        }
    }

    /// <summary>Makes a file that only this user may read, and takes its name away before anything is written to it.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    internal static SafeFileHandle WithoutName(string folder)
    {
        string path = Path.Combine(folder, $"mrl-{Guid.NewGuid():N}.tmp");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        // The stream is only a way to the handle, which outlives it: a finalizer of streams closes no handles.
        SafeFileHandle file = new FileStream(path, options).SafeFileHandle;
        File.Delete(path);
        return file;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MemfdCreate(string name, uint flags);
}
