using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.ML.Mrl.TorchSharp.Native;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Native;

[SupportedOSPlatform("linux")]
public sealed class PrivateLibraryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mrl-private-test-");

    public PrivateLibraryTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux needs repaired libraries.");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Load_ALibraryOfTheRuntime_GivesItsFunctions()
    {
        Assert.True(NativeLibrary.TryGetExport(PrivateLibrary.Load(Image()), "CompressionNative_Crc32", out nint function));
        Assert.NotEqual(0, function);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_InMemoryOrFromAFileWithoutName_LeavesNoFile(bool inMemory)
    {
        SafeFileHandle file = inMemory ? PrivateLibrary.InMemory() : PrivateLibrary.WithoutName(_folder.FullName);
        string path = $"/proc/self/fd/{file.DangerousGetHandle()}";

        Assert.Empty(_folder.GetFileSystemInfos());
        Assert.EndsWith("(deleted)", new FileInfo(path).LinkTarget, StringComparison.Ordinal);
        Assert.True(NativeLibrary.TryGetExport(PrivateLibrary.Load(Image(), file), "CompressionNative_Crc32", out _));
        Assert.Empty(_folder.GetFileSystemInfos());
        Assert.False(file.IsClosed);
    }

    [Fact]
    public void Load_BytesThatAreNoLibrary_RefusedAndClosed()
    {
        SafeFileHandle file = PrivateLibrary.InMemory();

        Assert.ThrowsAny<Exception>(() => PrivateLibrary.Load([1, 2, 3], file));

        Assert.True(file.IsClosed);
        var e = Assert.Throws<DllNotFoundException>(() => PrivateLibrary.Load([1, 2, 3]));
        Assert.Contains("in memory: ", e.Message, StringComparison.Ordinal);
        Assert.Contains($"in '{Path.GetTempPath()}': ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutName_NewFile_IsForThisUserOnlyAndStaysOpen()
    {
        using SafeFileHandle file = PrivateLibrary.WithoutName(_folder.FullName);
        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.False(file.IsClosed);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void EnsureLoaded_ThisProcess_WaitsPassively()
    {
        LibTorch.EnsureLoaded();

        // Unless whoever runs the tests has said otherwise.
        Assert.NotNull(
            OpenMpWaiting.NativeValue("OMP_WAIT_POLICY") ?? OpenMpWaiting.NativeValue("GOMP_SPINCOUNT")
            ?? OpenMpWaiting.NativeValue("KMP_BLOCKTIME"));
        Assert.Equal(
            Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") ?? "PASSIVE", OpenMpWaiting.NativeValue("OMP_WAIT_POLICY") ?? "PASSIVE");
    }

    private static byte[] Image()
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return File.ReadAllBytes(Path.Combine(runtime, "libSystem.IO.Compression.Native.so"));
    }
}
